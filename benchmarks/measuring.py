"""A row is one claim about speed or memory: what was measured, the bar, and the figures reached.

A script of this folder is a module with `rows(quick)`, which gives rows and charts; `quick` means
in miniature, to see that it runs. `python -m benchmarks.NAME` prints its rows.
"""

import argparse
import importlib
import inspect
import json
import os
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
CHILD = """
import json, sys
from benchmarks.measuring import call
print("\\n" + json.dumps(call(*json.loads(sys.argv[1]))))
"""


class Row(NamedTuple):
    """A line of docs/benchmarks.md; without figures, `note` says why there are none.

    `figures` has one number for each repetition, in `unit`: "×" is a ratio of ours to theirs.
    """

    work: str
    figures: tuple = ()
    unit: str = "×"
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def median(self):
        return statistics.median(self.figures)

    @property
    def met(self):
        """Whether the median reaches the bar; None without figures or without a bar."""
        if not self.figures or self.at_most is self.at_least is None:
            return None
        return ((self.at_most is None or self.median <= self.at_most)
                and (self.at_least is None or self.median >= self.at_least))

    @property
    def bar(self):
        bars = (("≤", self.at_most), ("≥", self.at_least))
        return ", ".join(f"{sign} {shown(bar)} {self.unit}" for sign, bar in bars
                         if bar is not None) or "–"

    @property
    def figure(self):
        """The median, and where there are more figures the least and the largest."""
        if not self.figures:
            return "not measured"
        spread = f" ({shown(min(self.figures))} to {shown(max(self.figures))})"
        return f"{shown(self.median)} {self.unit}" + spread * (len(self.figures) > 1)

    @property
    def verdict(self):
        return {None: "–", True: "met", False: "**not met**"}[self.met]


class Chart(NamedTuple):
    """A picture: `lines` has the points (x, seconds) of each line by its name; both scales log."""

    name: str
    title: str
    across: str
    up: str
    lines: dict


def shown(number):
    """A number with three digits that count, or all of a whole number."""
    if number == int(number) or abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def took(seconds):
    """A time as people write it."""
    unit, size = next(((u, s) for u, s in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)) if seconds >= s),
                      ("ns", 1e-9))
    return f"{seconds / size:.3g} {unit}"


# -- times -----------------------------------------------------------------------------------------

def seconds(function, calls=1):
    """Of one call, from so many."""
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls


def per_call(function, lasting=0.3, rounds=15):
    """Seconds of one call: the median of rounds that together last about so long."""
    function()
    calls = max(1, round(lasting / rounds / max(seconds(function), 1e-7)))
    return statistics.median(seconds(function, calls) for _ in range(rounds))


def alternate(sides, repeats):
    """The results of functions called in turn: a list for each name."""
    found = {name: [] for name in sides}
    for _ in range(repeats):
        for name, function in sides.items():
            found[name].append(function())
    return found


def ratios(ours, theirs):
    """Each of our repetitions over the one of theirs beside it."""
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def versus(**sides):
    """A note: the median time of each side."""
    return ", ".join(f"{name.replace('_', ' ')} {took(statistics.median(times))}"
                     for name, times in sides.items())


# -- processes -------------------------------------------------------------------------------------

def fresh(function, *args, env=None):
    """What a function of a script returns in a fresh process; arguments and result are JSON.

    The collector is as found and no thread of another library is there.
    """
    name = f"benchmarks.{Path(inspect.getfile(function)).stem}"
    return told([sys.executable, "-c", CHILD, json.dumps([name, function.__name__, *args])],
                **(env or {}))


def told(command, **env):
    """The JSON that a command prints on its last line. Raises RuntimeError where it fails."""
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, capture_output=True,
                          text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def call(module, function, *args):
    """Call a function by name: what `fresh` does at the other end."""
    return getattr(importlib.import_module(module), function)(*args)


def missing(package):
    """Whether a peer is not installed."""
    return find_spec(package) is None


# -- scripts ---------------------------------------------------------------------------------------

def collected(script, quick):
    """The rows and charts of a script, for JSON."""
    found = list(importlib.import_module(f"benchmarks.{script}").rows(quick))
    return {"rows": [row for row in found if isinstance(row, Row)],
            "charts": [row for row in found if isinstance(row, Chart)]}


def printed(row):
    """A row as a line."""
    verdict = "" if row.met is None else f", {row.verdict.strip('*')}"
    return f"{row.work}: {row.figure}, bar {row.bar}{verdict}. {row.note}".rstrip()


def main(rows):
    """The command line of a script."""
    title = sys.modules[rows.__module__].__doc__.splitlines()[0]
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--quick", action="store_true", help="in miniature, to see that it runs")
    for row in rows(parser.parse_args().quick):
        if isinstance(row, Row):
            print(printed(row), flush=True)
