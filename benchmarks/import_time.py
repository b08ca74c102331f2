"""What `import autograd` takes beyond NumPy, which it needs: fresh processes in turn.

    python -m benchmarks.import_time
"""

import os
import statistics
import subprocess
import sys

from .measuring import ROOT, Row, alternate, main, seconds, versus


def importing(module):
    """Start Python and import a module, from byte code as everybody does."""
    env = {key: x for key, x in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, "-c", f"import {module}"], cwd=ROOT, env=env, check=True)


def rows(quick=False):
    names = ["numpy", "autograd", "nn"]
    times = alternate({name: lambda name=name: seconds(lambda: importing(name)) for name in names},
                      2 if quick else 15)
    for name, bar in (("autograd", 0.1), ("nn", None)):
        more = [ours - numpy for ours, numpy in zip(times[name], times["numpy"], strict=True)]
        more = statistics.quantiles(more, n=4)          # the largest of 15 tells of others' work
        note = versus(NumPy=times["numpy"], **{name: times[name]}) + ", with Python's start"
        yield Row(f"`import {name}` beyond NumPy's", more, "s", bar, note=note)


if __name__ == "__main__":
    main(rows)
