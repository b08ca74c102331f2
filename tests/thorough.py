"""What takes hours: the figures of docs/trust.md, in pieces that stop at any time and go on.

    python3 run.py thorough                                 all that is missing, then the page
    python3 run.py thorough alarms --seeds 0:100000         verdicts on correct programs
    python3 run.py thorough torch --seeds 0:200000          programs against PyTorch, order 2
    python3 run.py thorough jax --seeds 0:20000             programs against JAX, order 2
    python3 run.py thorough printed --seeds 0:10000         programs of floats against the walk
    python3 run.py thorough lowered --seeds 0:10000         machine code against the printed program
    python3 run.py thorough planted                         planted bugs in every operation
    python3 run.py thorough mpmath --seeds 0:10             gradients at 1,000 points for each seed
    python3 run.py thorough report                          docs/trust.md from what was found

Each piece adds lines to out/thorough/NAME.jsonl and leaves out what stands there, so that two can
share the work by their seeds.
"""

import argparse
import datetime
import json
import math
import pathlib
import sys
import time
from dataclasses import asdict
from functools import partial

import numpy as np
import thorough_mpmath
from domains import PRIMITIVES
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from test_ops_derivatives import bind

from autograd.primitive import table
from autograd.testing import caught, check_gradients, random_program
from autograd.testing.checking import examined
from autograd.testing.fuzz import fuzz

OUT = pathlib.Path(__file__).resolve().parent.parent / "out" / "thorough"
POINTS = 1000                               # of a seed against mpmath


def lines(name):
    """What was found before."""
    path = OUT / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def add(name, started, **found):
    """One more line, whole or not at all."""
    OUT.mkdir(parents=True, exist_ok=True)
    found |= {"seconds": round(time.time() - started, 3), "date": str(datetime.date.today())}
    with open(OUT / f"{name}.jsonl", "a") as file:
        file.write(json.dumps(found) + "\n")


def missing(name, key, wanted):
    """Those of the wanted that no line has."""
    known = {found[key] for found in lines(name)}
    return (one for one in wanted if one not in known)


def alarms(first, last, block=100):
    """Verdicts on random correct programs."""
    for seed in missing("alarms", "seed", range(first, last, block)):
        started, verdicts, others = time.time(), {}, []
        for s in range(seed, seed + block):
            program = random_program(s)
            verdict = check_gradients(program, *program.inputs).verdict
            verdicts[verdict] = verdicts.get(verdict, 0) + 1
            if verdict in ("fail", "inconclusive"):
                others.append([s, verdict])
        add("alarms", started, seed=seed, verdicts=verdicts, others=others)


def against(engine, first, last, block=1000):
    """Random programs by another library, value and two orders of derivatives."""
    for seed in missing(engine, "seed", range(first, last, block)):
        started = time.time()
        found = fuzz(math.inf, (engine,), seed, seed + block, OUT / "findings")
        add(engine, started, seed=seed, programs=found.programs,
            findings=[path.name for path in found.findings])


def printed(first, last, block=1000):
    """Printed programs of floats, run by Python, that have not the bits of the walk."""
    from test_compile_floats import differs

    from autograd.compiling import machine

    machine.available = lambda: False
    for seed in missing("printed", "seed", range(first, last, block)):
        started, seeds = time.time(), range(seed, seed + block)
        add("printed", started, seed=seed, programs=block, others=[*filter(differs, seeds)])


def lowered(first, last, block=100):
    """Random programs as machine code that have not the numbers of the printed program."""
    from test_lowering import lowering, random_differs

    lowering.SWITCH = 0                         # loops beside NumPy, however small
    for seed in missing("lowered", "seed", range(first, last, block)):
        started, found = time.time(), {s: random_differs(s) for s in range(seed, seed + block)}
        add("lowered", started, seed=seed, programs=block,
            without=sum(x is None for x in found.values()),
            others=[s for s, x in found.items() if x])


def calls(domain, examples=40, kinds=6):
    """Functions of an operation, with operands: the largest call of each kind, and one shared."""
    cases, largest = [], {}

    @given(st.data())
    @settings(max_examples=examples, derandomize=True, database=None, deadline=None,
              phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def draw(data):
        cases.append(data.draw(domain.cases))

    def size(case):
        shapes = [np.shape(x) for x in case.args]
        return (max(min(shape[-2:], default=0) for shape in shapes), sum(map(math.prod, shapes)))

    draw()
    for case in sorted(cases, key=size):
        same = len({np.shape(case.args[i]) for i in case.moving}) == 1
        largest[same, len(case.moving), *(type(x) for x in case.params.values())] = case
    for (same, *_), case in list(largest.items())[-kinds:]:
        f, _, xs = bind(domain, case)
        yield f, xs
        if same and len(xs) > 1:
            yield (lambda x, f=f, xs=xs: f(*[x for _ in xs])), xs[:1]


def planted():
    """Which bugs are caught, by operation."""
    for name in missing("planted", "op", PRIMITIVES):
        started, op = time.time(), table.get(name)
        if op is not None and op.differentiable:
            checks = [partial(examined, f, xs, 1) for f, xs in calls(PRIMITIVES[name])]
            checks = [check for check in checks if check()[0]]      # a shared operand may be none
            outcomes = caught(lambda checks=checks: all(check()[0] for check in checks), op)[name]
            add("planted", started, op=name, calls=len(checks), outcomes=outcomes)


def mpmath(first, last):
    """How far gradients are from those by 50 digits."""
    wanted = [f"{name} {seed}" for seed in range(first, last)
              for name in thorough_mpmath.OPS | thorough_mpmath.SPECIAL]
    for key in missing("mpmath", "key", wanted):
        started, (name, seed) = time.time(), key.split()
        rows = [asdict(row) for row in thorough_mpmath.rows(name, POINTS, int(seed))]
        add("mpmath", started, key=key, rows=rows)


def report():
    """Write the page."""
    import thorough_report

    print(thorough_report.write({name: lines(name) for name in PIECES}))


PIECES = {                                  # what runs, and the seeds it is asked for
    "alarms": (alarms, (0, 100_000)),
    "torch": (partial(against, "torch"), (0, 200_000)),
    "jax": (partial(against, "jax"), (0, 20_000)),
    "printed": (printed, (0, 10_000)),
    "lowered": (lowered, (0, 10_000)),
    "planted": (planted, ()),
    "mpmath": (mpmath, (0, 10)),
}


def main(words):
    """Run one piece, or all and the report."""
    parser = argparse.ArgumentParser(prog="run.py thorough", description=__doc__.partition("\n")[0])
    parser.add_argument("piece", nargs="?", choices=[*PIECES, "report"])
    parser.add_argument("--seeds", metavar="FIRST:LAST", help="of all but planted")
    options = parser.parse_args(words)
    for name, (run, seeds) in PIECES.items():
        if options.piece in (None, name):
            run(*(map(int, options.seeds.split(":")) if options.seeds and seeds else seeds))
    if options.piece in (None, "report"):
        report()


if __name__ == "__main__":
    main(sys.argv[1:])
