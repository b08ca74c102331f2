"""What ranks do together: begin alike, add their gradients up, put their predictions together."""

import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy

from autograd import Tensor
from autograd.containers import leaves
from autograd.storage import dtype_name, is_numpy, to_numpy

from ..checkpoint import generators
from ..module import Module, leaves as leaves_of
from ..moving import placed
from ..run import Function, Run
from .messages import DistributedError, Messages


class Alone:
    """One process by itself, which has nobody to wait for: what `Ranks` is of one rank."""

    rank, size = 0, 1

    def share(self, n: int) -> slice:
        """All rows."""
        return slice(0, n)

    def begin(self, run: Run, **options: Any) -> None:
        """Nobody disagrees."""

    def seed(self, seed: Any) -> Any:
        """The seed."""
        return seed

    def trying(self) -> AbstractContextManager[None]:
        """Errors are raised where they are."""
        return nullcontext()

    def sum(self, *numbers: float) -> list[float]:
        """The numbers."""
        return list(numbers)

    def sum_gradients(self, model: Module, found: dict[str, Any],
                      total: Any) -> tuple[Any, dict[str, Any]]:
        """The loss and the gradients."""
        return total, found

    def mean_buffers(self, model: Module) -> None:
        """They are what they are."""

    def gather(self, rows: Any, n: int) -> Any:
        """The rows."""
        return rows


class Ranks(Alone):
    """All processes that `mpiexec` started, as seen from one: `rank` of `size`.

    Every method but `share` has to be called by all of them, in the same order; one that has not
    come after `timeout` seconds is named in a DistributedError, on all others. Raises ImportError
    without mpi4py.
    """

    def __init__(self, timeout: float = 60.0) -> None:
        self.messages = Messages(timeout)
        self.rank, self.size = self.messages.rank, self.messages.size
        self.error: Exception | None = None

    def __repr__(self) -> str:
        return f"<rank {self.rank} of {self.size}>"

    def share(self, n: int) -> slice:
        """Which of n rows are this rank's: all ranks together have each once, in order."""
        return slice(n * self.rank // self.size, n * (self.rank + 1) // self.size)

    # -- before training ---------------------------------------------------------------------------

    def begin(self, run: Run, **options: Any) -> None:
        """Bring all ranks to where rank 0 stands, if they have the same to do.

        Generators of Dropout are set apart by as much as nobody draws. Callbacks that write down,
        and functions, are left to rank 0. Raises DistributedError where the ranks disagree.
        """
        data = checksum(*run.data, *(run.validation or ()))
        self.agree({"model": run.model, "optimiser": run.optimizer, "data": data, **options,
                    "epochs that are done": len(run.history)})
        self.broadcast(run.model, run.optimizer)
        for generator in generators(run.model):
            bits: Any = generator.bit_generator
            bits.state = bits.jumped(self.rank).state
        if self.rank:
            run.callbacks = [callback for callback in run.callbacks
                             if not callback.last and type(callback) is not Function]

    def seed(self, seed: Any) -> Any:
        """The seed, and where there is none, one that rank 0 chose."""
        mine = numpy.random.default_rng().integers(1 << 62, size=1)
        self.messages.from_first(mine)
        return int(mine[0]) if seed is None else seed

    def agree(self, things: Mapping[str, Any]) -> None:
        """Raise DistributedError, on all ranks, unless each of these is the same on all of them."""
        for name, thing in things.items():
            said = self.messages.told(str(thing))
            other = next((i for i, text in enumerate(said) if text != said[0]), None)
            if other is not None:
                raise DistributedError(
                    f"the ranks disagree on the {name}\n  rank 0 has {said[0]}\n  rank {other} has "
                    f"{said[other]}", "start all of them with the same program, data and options")

    def broadcast(self, *holders: Any) -> None:
        """Load the state of rank 0 into models and optimisers, which have the same shape on all."""
        for holder in holders:
            state = holder.state_dict()
            self.agree({f"state of the {type(holder).__name__}": outline(state)})
            for x in leaves(state):
                if isinstance(x, numpy.ndarray):
                    self.messages.from_first(x)
            holder.load_state_dict(state)

    # -- in a step ---------------------------------------------------------------------------------

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Keep an error until the ranks meet again: then it is raised here, and told the others."""
        try:
            yield
        except Exception as error:
            self.error = error

    def sum(self, *numbers: float) -> list[float]:
        """Each of the numbers, added up over the ranks; raises what went wrong on one of them."""
        total = numpy.array([*numbers, self.error is not None], dtype=float)
        self.messages.add_up(total)
        self._raise_if(total[-1])
        return total[:-1].tolist()

    def sum_gradients(self, model: Module, found: dict[str, Any],
                      total: Any) -> tuple[Any, dict[str, Any]]:
        """A loss and the gradients by the parameter's name, each added up over the ranks.

        One message for each dtype: the gradients end to end, zeros where this rank has none, and in
        the first the loss, which parameters have a gradient, and whether an error waits. Where no
        rank has a gradient there is none.
        """
        parameters = dict(model.named_parameters())
        kinds: dict[str, dict[str, Any]] = {}
        for name, p in parameters.items():
            g, dtype = found.get(name), dtype_name(p.dtype)
            flat = numpy.zeros(p.size, dtype) if g is None else to_numpy(g).reshape(-1)
            kinds.setdefault(dtype, {})[name] = flat
        head = [float(getattr(total, "data", total)), *(name in found for name in parameters),
                self.error is not None]
        sums: dict[str, Any] = {}
        for i, (dtype, several) in enumerate(kinds.items()):
            flat = numpy.concatenate([*several.values(), numpy.array(head * (i == 0), dtype)])
            self.messages.add_up(flat)
            if i == 0:
                total, *moved, failed = flat[-len(head):].tolist()
                self._raise_if(failed)
            ends = numpy.cumsum([g.size for g in several.values()])
            sums.update(zip(several, numpy.split(flat[:ends[-1]], ends[:-1]), strict=True))
        return Tensor(numpy.array(total)), {
            name: _beside(sums[name].reshape(p.shape), p.data)
            for (name, p), any_of_them in zip(parameters.items(), moved, strict=True)
            if any_of_them}

    def mean_buffers(self, model: Module) -> None:
        """Give all ranks the mean of each buffer of floats: running statistics."""
        for _, x in leaves_of(model):
            if not x.requires_grad and to_numpy(x.data).dtype.kind == "f":
                flat = numpy.array(to_numpy(x.data)).reshape(-1)
                self.messages.add_up(flat)
                flat /= self.size
                x.replace(placed(flat.reshape(x.shape), x.data))

    def gather(self, rows: Any, n: int) -> Any:
        """The rows of all ranks, n together: of the `share` of each, beside those given."""
        self.sum()                                      # did all get as far as this?
        counts = numpy.diff([n * i // self.size for i in range(self.size + 1)]).tolist()
        mine = numpy.ascontiguousarray(to_numpy(rows.data))
        return Tensor(_beside(self.messages.gathered(mine, counts), rows.data))

    def _raise_if(self, failed: float) -> None:
        """Raise this rank's own error, or DistributedError that tells those of the others."""
        if not failed:
            return
        own, self.error = self.error, None
        said = self.messages.told(f"{type(own).__name__}: {own}" if own else "")
        if own:
            raise own
        raise DistributedError("; ".join(f"rank {i} of {self.size} failed: {text}"
                                         for i, text in enumerate(said) if text),
                               "mend that; resume= goes on from the last checkpoint")


def _beside(x: Any, like: Any) -> Any:
    """An array of NumPy's where another array is."""
    return x if is_numpy(like) else placed(x, like)


def outline(state: Any) -> str:
    """Names, shapes and dtypes in a state, in few words: how many, and a checksum of them."""
    words = [f"{type(x).__name__} {numpy.shape(x)} {getattr(x, 'dtype', '')}"
             for x in leaves(state)]
    return (f"{len(words)} entries, checksum "
            f"{zlib.crc32(' '.join([repr(_names(state)), *words]).encode()):08x}")


def _names(state: Any) -> Any:
    """The containers of a state without what they hold."""
    if isinstance(state, dict):
        return {key: _names(x) for key, x in state.items()}
    return [_names(x) for x in state] if isinstance(state, (list, tuple)) else None


def checksum(*arrays: Any) -> str:
    """Shapes and dtypes of arrays, with a checksum of their numbers."""
    plain = [numpy.ascontiguousarray(to_numpy(x.data if isinstance(x, Tensor) else x))
             for x in arrays]
    digest = 0
    for x in plain:
        digest = zlib.crc32(x.reshape(-1).view(numpy.uint8).data, digest)
    return f"{', '.join(f'{x.dtype} {x.shape}' for x in plain)}, checksum {digest:08x}"
