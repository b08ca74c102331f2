"""The figures of docs/trust.md: what takes hours, in pieces that can be stopped and gone on with.

    python tests/thorough.py alarms --seeds 0:100000        false alarms on correct programs
    python tests/thorough.py planted                        planted bugs in every operation
    python tests/thorough.py report                         write docs/trust.md from what was found

Each piece adds lines to out/thorough/NAME.jsonl and leaves out what stands there already.
"""

import argparse
import json
import pathlib
import sys
import time
from functools import partial

import numpy as np
from domains import PRIMITIVES
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from test_ops_derivatives import bind

from autograd.primitive import table
from autograd.testing import BUGS, caught, check_gradients
from autograd.testing.growing import random_program

OUT = pathlib.Path(__file__).resolve().parent.parent / "out" / "thorough"
BLOCK = 100                                 # programs a line


def lines(name):
    """What was found before."""
    path = OUT / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def add(name, **found):
    """One more line, whole or not at all."""
    OUT.mkdir(parents=True, exist_ok=True)
    with open(OUT / f"{name}.jsonl", "a") as file:
        file.write(json.dumps(found) + "\n")


# -- false alarms ----------------------------------------------------------------------------------

def alarms(first, last):
    """Verdicts on random correct programs, by block of seeds."""
    known = {found["seed"] for found in lines("alarms")}
    for seed in range(first, last, BLOCK):
        if seed in known:
            continue
        start, verdicts, others = time.time(), {}, []
        for s in range(seed, seed + BLOCK):
            program = random_program(s)
            report = check_gradients(program, *program.inputs)
            verdicts[report.verdict] = verdicts.get(report.verdict, 0) + 1
            if report.verdict in ("fail", "inconclusive"):
                others.append([s, report.verdict])
        add("alarms", seed=seed, verdicts=verdicts, others=others, seconds=time.time() - start)


# -- planted bugs ----------------------------------------------------------------------------------

def typical(domain, examples=8):
    """The largest of a few calls of an operation."""
    cases = []

    @given(st.data())
    @settings(max_examples=examples, derandomize=True, database=None, deadline=None,
              phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def draw(data):
        cases.append(data.draw(domain.cases))

    draw()
    return max(cases, key=lambda case: sum(np.size(x) for x in case.args))


def planted():
    """Which bugs are caught, by operation."""
    known = {found["op"] for found in lines("planted")}
    for name, domain in PRIMITIVES.items():
        op = table.get(name)
        if name in known or op is None or not op.differentiable:
            continue
        f, _, xs = bind(domain, typical(domain))
        add("planted", op=name, **caught(partial(check_gradients, f, *xs, order=1), op)[name])


# -- the report ------------------------------------------------------------------------------------

def report():
    """The figures so far."""
    verdicts, seconds = {}, 0.0
    for found in lines("alarms"):
        seconds += found["seconds"]
        for verdict, count in found["verdicts"].items():
            verdicts[verdict] = verdicts.get(verdict, 0) + count
    print(f"correct programs: {sum(verdicts.values())}, {verdicts}, {seconds:.0f} s")
    rows = lines("planted")
    outcomes = [found[bug] for found in rows for bug in BUGS]
    killed, survived = outcomes.count("killed"), outcomes.count("survived")
    print(f"planted bugs: {len(rows)} operations, {killed} caught, {survived} not, "
          f"{outcomes.count('no effect')} without effect")
    for found in rows:
        print(*(f"    {found['op']}: {bug}" for bug in BUGS if found[bug] == "survived"), sep="\n",
              end="\n" if "survived" in found.values() else "")


def main(words):
    """Run one piece."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("piece", choices=["alarms", "planted", "report"])
    parser.add_argument("--seeds", default="0:1000", metavar="FIRST:LAST")
    options = parser.parse_args(words)
    if options.piece == "alarms":
        alarms(*map(int, options.seeds.split(":")))
    else:
        {"planted": planted, "report": report}[options.piece]()


if __name__ == "__main__":
    main(sys.argv[1:])
