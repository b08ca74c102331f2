"""What optimisers share: parameters in groups, their gradients, and state that goes in and out.

All state is the optimiser's, keyed by the position of the parameter. A parameter is a Tensor or a
Value: updates are plain arithmetic on arrays and floats, in place where the storage is writable.
State lies where its parameter lies, in its dtype, and follows when the parameter is moved.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from autograd import Tensor, Value
from autograd.compiling.stateful import Stateful
from autograd.errors import ArgumentError, DtypeError, GraphError, ShapeError, describe
from autograd.node import ZERO
from autograd.storage import full, is_array, is_numpy, ndarray, quiet, traced, writable

from .loading import fitted
from .module import Module
from .moving import placed, portable, together
from .packing import Moving, Packing

Parameter = Value | Tensor
AS_SAVED = "build the optimiser as the one that was saved"
State = dict[str, Any]


class Optimizer(Stateful):
    """The base of all optimisers: a subclass writes only how one parameter is updated.

    `params` are parameters, or groups: dicts with "params" and options that differ from the
    defaults. Raises ArgumentError for no parameters, one given twice, or an option out of range.
    """

    pure = False                # whether a pure step keeps what changes: see nn.Pure

    def __init__(self, params: Iterable[Any], defaults: State) -> None:
        self.defaults = defaults
        self.param_groups: list[State] = []
        self.state: list[State] = []
        self._packing = Packing()
        for group in _groups(params):
            self.add_param_group(group)

    def add_param_group(self, group: State) -> None:
        """One more group of parameters, with the defaults for every option it does not name."""
        unknown = sorted(set(group) - set(self.defaults) - {"params", "initial_lr"})
        if unknown:
            raise ArgumentError(f"{type(self).__name__} has no option {', '.join(unknown)}",
                                f"its options are {', '.join(self.defaults)}")
        group = {**self.defaults, **group, "params": list(group["params"])}
        _check_options(type(self).__name__, group)
        known = {id(p) for p in self._parameters()}
        for p in group["params"]:
            if not isinstance(p, Value | Tensor):
                raise DtypeError(f"an optimiser of {describe(p)}",
                                 "give Values or Tensors, as in model.parameters()")
            if id(p) in known:
                raise ArgumentError(f"the parameter {describe(p)} was given twice",
                                    "give every parameter once, in one group")
            known.add(id(p))
            _check_leaf(p)
        self.param_groups.append(group)
        self.state += [{} for _ in group["params"]]

    @property
    def lr(self) -> float:
        """The learning rate, of the first group; set, it is that of all groups."""
        return float(self.param_groups[0]["lr"])

    @lr.setter
    def lr(self, lr: float) -> None:
        at_least_zero(type(self).__name__, "lr", lr)
        for group in self.param_groups:
            group["lr"] = lr

    def step(self) -> None:
        """Move every parameter that has a gradient; the others, and their state, stay."""
        states = iter(self.state)
        with quiet():
            for i, group in enumerate(self.param_groups):
                kept, moving = self._kept(group), []
                for p in group["params"]:
                    state, g = next(states), gradient(p)
                    if g is not None:
                        self._check_traced(g)
                        moving.append(Moving(p, p.data, g, state))
                for p, data, g, state in self._packing.update(i, self._update, kept, group, moving):
                    _prepare(state, kept, data)
                    new = self._update(data if _is_writable(data) else data + 0, g, state, group)
                    if new is not data:
                        p.data = new

    def _check_traced(self, g: Any) -> None:
        if type(g) is not ndarray and is_array(g) and traced(g) and not self.pure:
            raise GraphError("optimizer.step() while it is traced, and the optimiser is in no "
                             "nn.Pure: its state would stay as it is now in every later run",
                             "compile nn.Pure(step, model, optimizer): help(nn.Pure) shows how")

    def start(self) -> None:
        """Make the state of every parameter now, which else its first step does."""
        states = iter(self.state)
        for group in self.param_groups:
            for p in group["params"]:
                _prepare(next(states), self._kept(group), p.data)

    def _kept(self, group: State) -> dict[str, float]:
        """What is kept for each parameter, by the number it starts from; an int stays a number."""
        return {}

    def _update(self, p: Any, g: Any, state: State, group: State) -> Any:
        """The new p, written in place where p is an array; `state` has what `_kept` says."""
        raise NotImplementedError

    def zero_grad(self) -> None:
        """Forget the gradients: not computed again until the next `backward()`."""
        for p in self._parameters():
            p.grad = ZERO if isinstance(p, Value) else None

    def _parameters(self) -> list[Parameter]:
        return [p for group in self.param_groups for p in group["params"]]

    def state_dict(self) -> State:
        """Options and state, NumPy arrays of any storage, by the position of each parameter."""
        groups, start = [], 0
        for group in self.param_groups:
            stop = start + len(group["params"])
            groups.append({**group, "params": list(range(start, stop))})
            start = stop
        return {"state": {i: _copies(state) for i, state in enumerate(self.state) if state},
                "param_groups": groups}

    def load_state_dict(self, saved: State) -> None:
        """Take over what `state_dict()` gave, straight or through JSON.

        Raises ShapeError if it is of other parameters, ArgumentError if it is of another optimiser
        or damaged; nothing has been changed then.
        """
        kept = _checked(saved, [len(group["params"]) for group in self.param_groups])
        options = [self._options(mine, theirs) for mine, theirs in
                   zip(self.param_groups, saved["param_groups"], strict=True)]
        states = [{name: _entry(name, i, x, p.data) for name, x in kept.get(i, {}).items()}
                  for i, p in enumerate(self._parameters())]
        for group, new in zip(self.param_groups, options, strict=True):
            group.update(new)
        self.state = states

    def _options(self, mine: State, theirs: State) -> State:
        """The options of a saved group, of the kinds that this group has."""
        if mine.keys() != theirs.keys():
            raise ArgumentError(
                f"{type(self).__name__} has the options {', '.join(mine)}, the saved state "
                f"has {', '.join(map(str, theirs))}", AS_SAVED)
        options = {}
        for name in [name for name in mine if name != "params"]:
            try:
                options[name] = _option(mine[name], theirs[name])
            except ArgumentError:
                raise ArgumentError(f"{type(self).__name__}: {name} is {mine[name]!r}, the saved "
                                    f"state has {describe(theirs[name])}", AS_SAVED) from None
        _check_options(type(self).__name__, options)
        return options

    def __repr__(self) -> str:
        options = ", ".join(f"{k}={v}" for k, v in self.param_groups[0].items() if k != "params")
        return f"{type(self).__name__}({len(self._parameters())} parameters, {options})"


def _groups(params: Iterable[Any]) -> list[State]:
    if isinstance(params, Module):
        raise ArgumentError(f"an optimiser takes parameters, got a model, {params.title()}",
                            "give it model.parameters()")
    if isinstance(params, Value | Tensor):
        raise ArgumentError(f"an optimiser takes several parameters, got {describe(params)}",
                            "give a list: [parameter], or model.parameters()")
    params = list(params)
    groups = params if params and isinstance(params[0], dict) else [{"params": params}]
    groups = [{**group, "params": list(group["params"])} for group in groups]
    if not any(group["params"] for group in groups):
        raise ArgumentError("an optimiser with no parameters",
                            "give model.parameters(); a generator can be read only once")
    return groups


def _check_options(name: str, group: State) -> None:
    for option in ("lr", "momentum", "weight_decay", "eps", "lr_decay",
                   "initial_accumulator_value"):
        at_least_zero(name, option, group.get(option, 0.0))
    for option, value in [("alpha", group.get("alpha", 0.0)),
                          *(("betas", beta) for beta in group.get("betas", ()))]:
        if not 0.0 <= value < 1.0:
            raise ArgumentError(f"{name}: {option} with {value!r}",
                                "a moving average keeps a share from 0 to below 1, such as 0.9")


def at_least_zero(name: str, option: str, value: float) -> None:
    """Raise ArgumentError unless an option is a finite number that is not negative."""
    if not 0.0 <= value < float("inf"):
        raise ArgumentError(f"{name}: {option} is {value!r}", "give a number that is not negative")


def _check_leaf(p: Parameter) -> None:
    if isinstance(p, Tensor):
        if not p.requires_grad:
            raise GraphError(f"the parameter {describe(p)} does not require a gradient",
                             "make it with requires_grad=True, or leave it out")
        made = not p.is_leaf
    else:
        made = p.op is not None
    if made:
        raise GraphError(f"the parameter {describe(p)} is the result of an operation",
                         "give the leaves that it was made from, or its detach()")


def gradient(p: Parameter) -> Any:
    """The gradient as a float or an array; None where none was computed."""
    if isinstance(p, Value):
        return None if p.grad is ZERO else float(p.grad)
    return None if p.grad is None else p.grad.data


def _is_writable(data: Any) -> bool:
    """Whether `data -= x` works: where the storage has no writing at all, it makes a new array."""
    return isinstance(data, float) or writable(data) or not is_numpy(data)


def _prepare(state: State, kept: dict[str, float], data: Any) -> None:
    """Give the state what is missing, and bring it to where the parameter is now."""
    if not state.keys() >= kept.keys():
        for name, start in kept.items():
            number = isinstance(start, int) or isinstance(data, float)
            state.setdefault(name, start if number else full(data, data.shape, start))
    for name in reversed(kept):                 # the last is no count, and all lie together
        x = state[name]
        if not is_array(x) or isinstance(kept[name], int):
            continue
        if together(x, data) and x.dtype == data.dtype:
            return
        state[name] = placed(x, data)


def _copies(state: State) -> State:
    return {k: portable(x) if is_array(x) else x for k, x in state.items()}


def _checked(saved: Any, sizes: list[int]) -> dict[int, State]:
    """The states by position in what was saved of groups of these sizes."""
    if not (isinstance(saved, Mapping) and _all(list, [saved.get("param_groups")])
            and _all(Mapping, [*saved["param_groups"], saved.get("state")])
            and _all(Mapping, saved["state"].values())
            and _all(list, [group.get("params") for group in saved["param_groups"]])):
        raise ArgumentError(f"{describe(saved)} is no state of an optimiser",
                            "give what state_dict() returned")
    positions = [group["params"] for group in saved["param_groups"]]
    if sizes != [len(group) for group in positions]:
        raise ShapeError(f"groups of {sizes} parameters, the saved state has "
                         f"{[len(group) for group in positions]}", AS_SAVED)
    known = {key: i for i in range(sum(sizes)) for key in (i, str(i))}      # JSON makes keys text
    kept = {known[key]: state for key, state in saved["state"].items() if key in known}
    numbers = [i for group in positions for i in group]
    if not _all(int, numbers) or numbers != list(range(sum(sizes))) or (
            len(kept) != len(saved["state"])):
        raise ArgumentError(f"{sum(sizes)} parameters, the saved state is of "
                            f"{describe(numbers)} and keeps {describe(list(saved['state']))}",
                            AS_SAVED)
    return kept


def _all(kind: type, things: Iterable[Any]) -> bool:
    return all(isinstance(x, kind) for x in things)


def _option(mine: Any, theirs: Any) -> Any:
    """A saved option; ArgumentError unless it is of the kind of the one it replaces."""
    if isinstance(mine, (tuple, list)):
        if not isinstance(theirs, (tuple, list)) or len(mine) != len(theirs):
            raise ArgumentError("another number of numbers")
        return type(mine)(map(_option, mine, theirs))
    if isinstance(mine, bool) != isinstance(theirs, bool):
        raise ArgumentError("a switch is no number")
    if isinstance(mine, bool) or not (isinstance(mine, (int, float)) or is_array(mine)):
        return theirs                           # a word, say, of an optimiser of somebody's own
    number = fitted(theirs, 0.0)
    return theirs if isinstance(theirs, (int, float)) else number


def _entry(name: str, i: int, x: Any, data: Any) -> Any:
    """What was kept for a parameter, as a count, or as data of the parameter's own kind."""
    shape, own = (tuple(y.shape) if is_array(y) else () for y in (x, data))
    if name != "step" and shape != own and not isinstance(x, list):
        raise ShapeError(f"{name!r} of parameter {i}: saved with shape {shape}, "
                         f"the parameter has {own}", AS_SAVED)
    try:
        number = fitted(x, 0.0 if name == "step" else data)
    except ArgumentError as error:
        raise ArgumentError(f"{name!r} of parameter {i}: {error}", AS_SAVED) from None
    if name != "step":
        return number
    if not (0 <= number < 2**53 and number == int(number)):
        raise ArgumentError(f"{name!r} of parameter {i} is {x!r}", "it counts steps, from 0")
    return int(number)
