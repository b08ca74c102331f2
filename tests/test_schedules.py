"""Schedules: PyTorch's rates in every epoch, alone and one after another."""

import pytest

from autograd import Value
from autograd.errors import ArgumentError
from nn.optim import SGD
from nn.schedules import CosineAnnealingLR, LinearLR, SequentialLR, StepLR

CASES = {
    "step": lambda m, o: m.StepLR(o, 3, gamma=0.5),
    "cosine": lambda m, o: m.CosineAnnealingLR(o, 20, eta_min=0.01),
    "warm-up": lambda m, o: m.LinearLR(o, start_factor=0.2, end_factor=0.9, total_iters=4),
    "warm-up, then cosine": lambda m, o: m.SequentialLR(
        o, [m.LinearLR(o, 0.1, total_iters=4), m.CosineAnnealingLR(o, 16)], milestones=[4]),
    "three": lambda m, o: m.SequentialLR(
        o, [m.LinearLR(o), m.StepLR(o, 2), m.CosineAnnealingLR(o, 8)], milestones=[5, 12]),
}


def optimizer():
    return SGD([{"params": [Value(1.0)]}, {"params": [Value(1.0)], "lr": 2.0}], lr=0.5)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore")                   # PyTorch's words on its own deprecations
def test_rates_are_pytorchs(name):
    torch = pytest.importorskip("torch", reason="compares with PyTorch: pip install torch")
    import nn.schedules

    p, q = (torch.zeros(1, requires_grad=True) for _ in range(2))
    theirs = torch.optim.SGD([{"params": [p]}, {"params": [q], "lr": 2.0}], lr=0.5)
    ours = optimizer()
    schedules = (CASES[name](nn.schedules, ours), CASES[name](torch.optim.lr_scheduler, theirs))
    for epoch in range(20):
        rates = [[group["lr"] for group in o.param_groups] for o in (ours, theirs)]
        assert rates[0] == pytest.approx(rates[1], rel=1e-12, abs=1e-14), epoch
        theirs.step()
        for schedule in schedules:
            schedule.step()


def test_closed_forms_by_hand():
    o = optimizer()
    schedule = CosineAnnealingLR(o, 4)
    rates = []
    for _ in range(5):
        rates.append(o.param_groups[0]["lr"])
        schedule.step()
    assert rates == pytest.approx([0.5, 0.25 + 0.125 * 2**0.5, 0.25, 0.25 - 0.125 * 2**0.5, 0.0])


def test_a_schedule_goes_on_from_its_state():
    o, other = optimizer(), optimizer()
    schedule = StepLR(o, 2)
    for _ in range(5):
        schedule.step()
    again = StepLR(other, 2)
    again.load_state_dict(schedule.state_dict())
    assert other.param_groups[0]["lr"] == o.param_groups[0]["lr"] == pytest.approx(0.005)


@pytest.mark.parametrize("saved", [None, 3, {}, [], {"epoch": -1}, {"epoch": "3"}, {"epoch": 3.0},
                                   {"epoch": True}, {"epoch": 10**400}, {"epoch": None}])
def test_what_is_no_state_is_refused(saved):
    schedule = CosineAnnealingLR(o := optimizer(), 4)
    rate = o.param_groups[0]["lr"]
    with pytest.raises(ArgumentError, match="is no state of a schedule\nhelp: give what"):
        schedule.load_state_dict(saved)
    assert schedule.epoch == 0 and o.param_groups[0]["lr"] == rate


@pytest.mark.parametrize("make, says", [
    (lambda o: StepLR(o, 0), "step_size is 0"),
    (lambda o: CosineAnnealingLR(o, -1), "T_max is -1"),
    (lambda o: LinearLR(o, total_iters=0), "total_iters is 0"),
    (lambda o: SequentialLR(o, [StepLR(o, 1)], [3]), r"1 schedules with milestones \[3\]"),
    (lambda o: SequentialLR(o, [StepLR(o, 1)] * 3, [3, 2]), r"with milestones \[3, 2\]"),
])
def test_bad_arguments_are_named(make, says):
    with pytest.raises(ArgumentError, match=says):
        make(optimizer())
