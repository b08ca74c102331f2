"""Measure every claim about speed and memory; a whole run writes docs/benchmarks.md.

    python3 run.py bench                        all of it, about 20 minutes
    python3 run.py bench eager_step growth      some of it, on the screen only
"""

import argparse
import sys
import time

from autograd import blas

from .measuring import Chart, Row, collected, fresh, printed
from .page import PAGE, write

# The title of a section: its scripts.
SECTIONS = {
    "Scalars": ["scalar_step", "scalar_compiled"],
    "Tensors, eager": ["eager_step", "digits_epoch", "small_op", "peers"],
    "Compiled training steps": ["compiled_step", "compile_latency"],
    "Growth": ["growth"],
    "Several processes": ["scaling"],
    "Memory": ["memory"],
    "Import and pictures": ["import_time", "drawing"],
}


def measured(script, quick):
    """The rows and charts of a script; one that breaks is a row that says so."""
    try:
        found = fresh(collected, script, quick)
    except RuntimeError as error:
        return [Row(script, note="failed: " + " ".join(str(error).splitlines()[-2:]))], []
    return [Row(*row) for row in found["rows"]], [Chart(*chart) for chart in found["charts"]]


def main():
    names = [name for scripts in SECTIONS.values() for name in scripts]
    parser = argparse.ArgumentParser("python3 run.py bench", description=__doc__.splitlines()[0])
    parser.add_argument("scripts", nargs="*", metavar="NAME",
                        help=f"measure only these, and write nothing: {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="in miniature, to see that all "
                        "runs; nothing is written")
    options = parser.parse_args()
    if unknown := set(options.scripts) - set(names):
        parser.error(f"no benchmark {', '.join(unknown)}; there are: {', '.join(names)}")
    start, sections, failed = time.perf_counter(), {}, []
    for title, scripts in SECTIONS.items():
        rows, charts = sections[title] = [], []
        for script in scripts:
            if script in (options.scripts or names):
                print(f"-- {script}", flush=True)
                more, pictures = measured(script, options.quick)
                print(*map(printed, more), sep="\n", flush=True)
                rows += more
                charts += pictures
                failed += [row for row in more if row.note.startswith("failed")]
    minutes = (time.perf_counter() - start) / 60
    print(f"{minutes:.1f} minutes")
    if not (options.scripts or options.quick or failed):
        write(sections, minutes)
        print(f"wrote {PAGE.name}")
    return bool(failed)


if __name__ == "__main__":
    blas.choose()
    sys.exit(main())
