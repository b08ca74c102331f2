"""What runs on CUDA, as a table: `python3 run.py gpu`.

It runs the op table, the networks and the training jobs on every CUDA device of CuPy and PyTorch,
compares each with NumPy, prints what passed, and writes docs/gpu.md with the machine. Without such
a device it says so and runs the same tests on what stands for one: the second device of
array-api-strict, which refuses every mixture and every way to NumPy.
"""

import collections
import contextlib
import datetime
import importlib.metadata
import pathlib
import platform
import sys

import pytest

HERE = pathlib.Path(__file__).parent
PAGE = HERE.parent / "docs" / "gpu.md"
SUITES = {"test_storage.py": "every operation, its gradient and second derivative",
          "test_nn_storages.py": "layers, losses, optimisers, metrics",
          "test_training.py": "training on penguins and digits, 12 steps of Adam each",
          "test_penguins.py": "the job `nn penguins --storage ... --device ...`, 5 epochs"}
STAND_IN = "strict device1"


class Tally:
    """The tests of the chosen places, counted by suite, place and outcome."""

    def __init__(self, places):
        self.places, self.counts = places, collections.Counter()

    def pytest_collection_modifyitems(self, items):
        def place(item):
            return str(getattr(item, "callspec", None) and item.callspec.params.get("place"))

        for item in items:
            item.user_properties.append(("place", place(item)))
        items[:] = [item for item in items if place(item) in self.places]

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            suite = report.nodeid.partition("::")[0].rpartition("/")[2]
            self.counts[suite, dict(report.user_properties)["place"], report.outcome] += 1

    def table(self):
        """Markdown: a row for each suite, a column for each place."""
        lines = [f"| | {' | '.join(self.places)} |", "|---" * (len(self.places) + 1) + "|"]
        for suite, about in SUITES.items():
            cells = []
            for place in self.places:
                found = {outcome: self.counts[suite, place, outcome]
                         for outcome in ("passed", "failed", "skipped")}
                cells.append(", ".join(f"{n} {outcome}" for outcome, n in found.items()
                                       if n or outcome == "passed"))
            lines.append(f"| {about} | {' | '.join(cells)} |")
        return "\n".join(lines)


def machine():
    """The GPU with its driver, and the versions, in one line."""
    from autograd.environment import gpu

    versions = [f"Python {platform.python_version()}"]
    for name in ("numpy", "cupy-cuda13x", "cupy-cuda12x", "torch", "array-api-strict"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions.append(f"{name} {importlib.metadata.version(name)}")
    return f"{gpu()}; {', '.join(versions)}"


def page(tally, found):
    """docs/gpu.md."""
    today = datetime.date.today().isoformat()
    about = ("Run on CUDA devices." if found else
             "**Nothing here was run on a GPU.** No CUDA device was at hand. What was run instead "
             f"is the column below: `{STAND_IN}` is a pretended device of array-api-strict, on "
             "which every array that is made on the wrong device, mixed with another device's, or "
             "read by NumPy, is an error. It proves where arrays are put; it proves nothing about "
             "CuPy's or PyTorch's CUDA kernels, their speed or their rounding.")
    return f"""\
# GPUs

The engine has no GPU code of its own: arrays of CuPy or PyTorch on a CUDA device are one more
storage. `pip install 'wengert[cuda13]'` (or `cuda12`) brings CuPy; a PyTorch with CUDA serves too.

```python
model.to("cuda")                                # its parameters, in place
x, y = x.to("cuda"), y.to("cuda")               # Tensors; nothing is moved silently
with autograd.device("cuda"):                   # or: new arrays are made there
    noise = np.zeros((3, 4))
```

`python -m autograd --deep` lists the devices found. `python3 run.py gpu` wrote this page: CuPy or
PyTorch is to be installed in its `.venv`. `python3 run.py penguins --storage torch --device cuda`
(or `--storage cupy`) runs the main job there.

## What was run

{about}

{tally.table()}

{today}; {machine()}.
"""


def main():
    sys.path[:0] = [str(HERE), str(HERE.parent)]
    from places import CUDA

    places = [place.name for place in CUDA] or [STAND_IN]
    if not CUDA:
        print(f"no CUDA device for CuPy or PyTorch ({machine()}); running on {STAND_IN} instead\n")
    tally = Tally(places)
    suites = [str(HERE / suite) for suite in SUITES]
    status = pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[1:], *suites], plugins=[tally])
    print("\n" + tally.table())
    if not sys.argv[1:]:                                # a run of some tests is no record
        PAGE.write_text(page(tally, CUDA), encoding="utf-8")
        print(f"\nwritten to {PAGE.relative_to(HERE.parent)}")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
