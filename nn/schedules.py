"""A schedule is a learning rate for every epoch: a closed formula of the rate it began with.

Names and formulas are PyTorch's. `step()` is called after each epoch; as one of the callbacks of
`fit`, a schedule does that itself.
"""

import math
from collections.abc import Mapping, Sequence

from autograd.errors import ArgumentError, describe

from .optimizer import Optimizer
from .run import Callback, Row, Run


class Schedule(Callback):
    """The base of all schedules: a subclass writes only the rate in a given epoch."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.set_epoch(0)

    def __repr__(self) -> str:
        return f"{type(self).__name__} in epoch {self.epoch} of {self.optimizer!r}"

    def rate(self, initial: float, epoch: int) -> float:
        """The learning rate in an epoch, counted from 0."""
        raise NotImplementedError

    def step(self) -> None:
        """One epoch is over."""
        self.set_epoch(self.epoch + 1)

    def on_epoch_end(self, run: Run, row: Row) -> None:
        self.step()

    def set_epoch(self, epoch: int) -> None:
        """Give every parameter group its rate in this epoch."""
        self.epoch = epoch
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate(group["initial_lr"], epoch)

    def state_dict(self) -> Row:
        """What `load_state_dict` needs to go on from here."""
        return {"epoch": self.epoch}

    def load_state_dict(self, saved: Row) -> None:
        """Go on from where `state_dict()` was called; ArgumentError for anything else."""
        epoch = saved.get("epoch") if isinstance(saved, Mapping) else None
        if type(epoch) is not int or not 0 <= epoch < 2**53:
            raise ArgumentError(f"{describe(saved)} is no state of a schedule",
                                "give what state_dict() returned, such as {'epoch': 3}")
        self.set_epoch(epoch)


class StepLR(Schedule):
    """The rate times `gamma` once every `step_size` epochs."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        _at_least_one("StepLR", "step_size", step_size)
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer)

    def rate(self, initial: float, epoch: int) -> float:
        return initial * self.gamma ** (epoch // self.step_size)


class CosineAnnealingLR(Schedule):
    """Half a cosine from the rate down to `eta_min` in `T_max` epochs (Loshchilov, Hutter 2017)."""

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        _at_least_one("CosineAnnealingLR", "T_max", T_max)
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer)

    def rate(self, initial: float, epoch: int) -> float:
        share = (1 + math.cos(math.pi * epoch / self.T_max)) / 2
        return self.eta_min + (initial - self.eta_min) * share


class LinearLR(Schedule):
    """Warm-up: the rate times a factor that goes in a line from start to end, then stays."""

    def __init__(self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0,
                 total_iters: int = 5) -> None:
        _at_least_one("LinearLR", "total_iters", total_iters)
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = total_iters
        super().__init__(optimizer)

    def rate(self, initial: float, epoch: int) -> float:
        share = min(epoch, self.total_iters) / self.total_iters
        return initial * (self.start_factor + (self.end_factor - self.start_factor) * share)


class SequentialLR(Schedule):
    """One schedule after another: the next takes over, from its own start, at each milestone.

    Warm-up, then a cosine: SequentialLR(opt, [LinearLR(opt), CosineAnnealingLR(opt, 45)], [5]).
    """

    def __init__(self, optimizer: Optimizer, schedulers: Sequence[Schedule],
                 milestones: Sequence[int]) -> None:
        if len(schedulers) != len(milestones) + 1 or list(milestones) != sorted(milestones):
            raise ArgumentError(f"{len(schedulers)} schedules with milestones {list(milestones)}",
                                "give one rising milestone between each two schedules")
        self.schedulers, self.milestones = list(schedulers), list(milestones)
        super().__init__(optimizer)

    def rate(self, initial: float, epoch: int) -> float:
        passed = [milestone for milestone in self.milestones if milestone <= epoch]
        return self.schedulers[len(passed)].rate(initial, epoch - (passed[-1] if passed else 0))


def _at_least_one(name: str, option: str, value: int) -> None:
    if value < 1:
        raise ArgumentError(f"{name}: {option} is {value!r}", "give 1 or more")
