"""Over JAX's arrays jax.jit compiles: a function is handed to it as one of state and numbers.

The engine runs over JAX's tracers as it does over ours; what a step changes goes in and comes out.
"""

from collections.abc import Callable
from typing import Any

from ..array_node import ArrayNode
from ..containers import leaves, rebuild
from ..node import Operand
from ..primitive import raw
from ..storage import is_array
from ..storage.libraries import library_of
from ..tensor import Tensor
from .naming import name_of
from .stateful import Holders, applied
from .traced import Static


def is_jax(x: Any) -> bool:
    """Whether x is an array of JAX's."""
    library = library_of(x) if is_array(x) else None
    return library is not None and library.name == "jax"


class Handed:
    """What stands for `Traced` over JAX: jax.jit keeps the programs, by shapes and dtypes."""

    lowered = entry = None

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any],
                 kinds: tuple[Any, ...], holders: Holders | None) -> None:
        import jax

        self.f, self.holders, self.name = f, holders, name_of(f)
        given = leaves([args, options])
        self.moving = [i for i, kind in enumerate(kinds) if not isinstance(kind, Static)]
        self.tensors = {i for i in self.moving if isinstance(given[i], Operand)}
        self.tree = rebuild([args, options], [None if i in self.moving else x
                                              for i, x in enumerate(given)])    # without numbers
        if holders:
            holders.settle()
            holders.state = rebuild(holders.state, [None for _ in leaves(holders.state)])
        self.fast = jax.jit(self._pure)
        self.kinds: Any = None                  # of what it was first run with

    def _pure(self, state: list[Any], numbers: list[Any]) -> tuple[list[Any], list[Any]]:
        """What changes of the state, and the numbers of the result; run when JAX traces it."""
        given = leaves(self.tree)
        for i, x in zip(self.moving, numbers, strict=True):
            given[i] = Tensor(x) if i in self.tensors else x
        tree, new = rebuild(self.tree, given), list[Any]()
        if self.holders:
            after, self.out = self.holders.pure.run(rebuild(self.holders.state, state), tree)
            new = leaves(after)
        else:
            self.out = applied(self.f, *tree)
        results = list(map(raw, leaves(self.out)))
        self.changed = [i for i, (x, y) in enumerate(zip(state, new)) if x is not y]
        self.found = [i for i, x in enumerate(results) if is_array(x)]
        return [new[i] for i in self.changed], [results[i] for i in self.found]

    def run(self, given: list[Any]) -> Any:
        """The results for other numbers of the same kind; models and optimisers have changed."""
        import jax

        holders, numbers = self.holders, [raw(given[i]) for i in self.moving]
        state = holders.read() if holders else []
        first, self.kinds = self.kinds is None, self.kinds or jax.tree.map(
            lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype) if is_array(x) else x,
            (state, numbers))
        changed, results = self.fast(state, numbers)
        if holders:
            holders.write(self.changed, changed)
            if first:
                holders.settle()                            # counts are arrays now
        parts = leaves(self.out)
        for i, x in zip(self.found, results):
            parts[i] = Tensor._of(ArrayNode(x), False) if isinstance(parts[i], Tensor) else x
        return rebuild(self.out, parts)

    @property
    def source(self) -> str:
        """The program as JAX has it, a jaxpr."""
        import jax

        return str(jax.make_jaxpr(self._pure)(*self.kinds))
