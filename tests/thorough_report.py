"""docs/trust.md, written from what `python3 run.py thorough` has found."""

import collections
import importlib.metadata
import itertools
import pathlib
import platform

import numpy as np
from thorough_mpmath import ASKED

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs" / "trust.md"

TOP = """# What was measured

`python3 run.py thorough` measures what is on this page and writes it. That takes hours; it can be
stopped and goes on where it was. `tests/thorough.py` says how to run a part, and how to share the
seeds among processes. What takes minutes is in the tests, and is named at the end.
"""
TESTS = """## In the tests

| what | where |
|---|---|
| a planted bug in each of 20 operations: the failing program shrinks to 3 operations or fewer in \
the median | `tests/test_testing_programs.py` |
| special values, ties and kinks of every operation, and where PyTorch and JAX differ: \
[kinks.md](kinks.md) | `tests/test_ops_kinks.py` |
| a Value is a Tensor of one number: special values are the same, the rest within 4 ulp \
| `tests/test_ops_scalars.py` |
| 16 threads that train different models: the bits they have alone | `tests/test_training.py` |
| 20 processes of random `PYTHONHASHSEED`: the same bits | `tests/decided/test_gradients.py` |
| building, sharing, sweeping, zeroing and stepping in any order, against an engine of 98 lines \
| `tests/test_stateful.py` |
"""


def write(found):
    """Write the page from {piece: its lines}; returns it."""
    parts = [TOP, summary(found), dates(found), planted(found["planted"]),
             mpmath(found["mpmath"]), TESTS]
    PAGE.write_text("\n".join(part for part in parts if part), encoding="utf-8")
    return PAGE.read_text(encoding="utf-8")


def summary(found):
    """A row for each figure."""
    verdicts = total(found["alarms"])
    programs, outcomes = verdicts.total(), tally(found["planted"])
    share = verdicts["inconclusive"] / max(programs, 1)
    rows = [
        ("right programs, 100,000, that `check_gradients` calls wrong, at orders 1 and 2", "0",
         f"{verdicts['fail']} of {programs:,}"),
        ("right programs that it cannot tell about", "≤ 1 %",
         f"{verdicts['inconclusive']} of {programs:,}, {share:.2%}"),
        ("bugs planted into operations that it finds", "≥ 99 %",
         f"{outcomes['killed']} of {outcomes['killed'] + outcomes['survived']} that have an "
         f"effect, in {len(found['planted'])} operations")]
    for engine, name in (("torch", "PyTorch"), ("jax", "JAX")):
        there = found[engine]
        rows.append((f"random programs whose value, gradient or second derivative {name} has "
                     "otherwise", "0", f"{sum(len(x['findings']) for x in there)} of "
                     f"{sum(x['programs'] for x in there):,}"))
    there = found["printed"]
    rows.append(("printed programs of floats whose value or gradient Python has otherwise than the "
                 "walk, by a bit", "0", f"{sum(len(x['others']) for x in there)} of "
                 f"{sum(x['programs'] for x in there):,}"))
    there = found["lowered"]
    made = sum(x["programs"] - x["without"] for x in there)
    rows.append(("random programs, their value and gradient as machine code, beyond 4 ulp of the "
                 "printed program, of it and of what an ulp on the way makes", "0",
                 f"{sum(len(x['others']) for x in there)} of {made:,}"))
    worst = by_operation(found["mpmath"])
    beyond = sorted({name for (name, *_), row in worst.items() if row["share"] > ASKED})
    rows.append(("gradients of elementwise operations beyond 4 ulp × (1 + κ)", "none",
                 f"{', '.join(beyond) or 'none'} of {len({name for name, *_ in worst})}"))
    return table(("", "asked", "found"), rows)


def dates(found):
    """When, how long and on what."""
    lines = list(itertools.chain(*found.values()))
    if not lines:
        return ""
    days = sorted({line["date"] for line in lines})
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in (
        "numpy", "scipy", "torch", "jax", "mpmath"))
    return (f"{' to '.join(dict.fromkeys((days[0], days[-1])))}, "
            f"{sum(line['seconds'] for line in lines) / 3600:.1f} hours of one process; "
            f"Python {platform.python_version()}, {versions}, {platform.machine()}.\n")


def planted(lines):
    """Bugs by kind, and those that live."""
    kinds = collections.defaultdict(collections.Counter)
    for line in lines:
        for bug, outcome in line["outcomes"].items():
            kinds[bug][outcome] += 1
    rows = [(bug, count["killed"], count["survived"], count["no effect"])
            for bug, count in kinds.items()]
    alive = [f"- {line['op']}: {bug}" for line in lines
             for bug, outcome in line["outcomes"].items() if outcome == "survived"]
    immune = [f"`{line['op']}`" for line in lines
              if set(line["outcomes"].values()) == {"no effect"}]
    return "\n".join([
        "## Planted bugs\n",
        "Each is planted into the rules of each differentiable operation of the table, which is "
        "then\nchecked at calls of up to six kinds, and with one operand in two places. A bug "
        "without an effect\nthere, such as a wrong axis where there is no axis, is not counted.\n",
        table(("bug", "caught", "not caught", "no effect"), rows),
        "In these nothing has an effect, as their slope is 0 at real numbers, or they only hand on "
        f"what\ncame: {', '.join(immune)}.\n",
        *(["Not caught:\n", *alive, ""] if alive else [])])


def mpmath(lines):
    """The worst of each operation and operand."""
    rows = [(f"`{name}`", "xy"[operand], kind, f"{row['count']:,}", f"{row['ulps']:.2g}",
             f"{row['share']:.2g}" if row["share"] else "")
            for (name, operand, kind), row in sorted(by_operation(lines).items())]
    return "\n".join([
        "## Gradients against 50 digits\n",
        "The derivative of each operation by each operand, by differences of mpmath at 50 digits "
        "and more,\nat points of all sizes, in the middle of the domain and close to its ends. "
        "Within 4 units in the last\nplace (ulp) nothing more is asked; what is further off is "
        "divided by 1 + κ, κ the condition number\nof the derivative.\n",
        table(("operation", "by", "of a", "points", "ulp at most", "ulp / (1 + κ) at most"),
              rows)])


def by_operation(lines):
    """{(operation, operand, kind): the worst row}, points added up."""
    worst = {}
    for line in lines:
        for row in line["rows"]:
            key = row["name"], row["operand"], row["kind"]
            old = worst.get(key, {"count": 0, "ulps": 0.0, "share": 0.0})
            worst[key] = {"count": old["count"] + row["count"],
                          **{x: float(np.fmax(old[x], row[x])) for x in ("ulps", "share")}}
    return worst


def total(lines):
    """Verdicts of all blocks."""
    return sum((collections.Counter(line["verdicts"]) for line in lines), collections.Counter())


def tally(lines):
    """Outcomes of all bugs."""
    return collections.Counter(outcome for line in lines for outcome in line["outcomes"].values())


def table(head, rows):
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"
