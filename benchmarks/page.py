"""The page docs/benchmarks.md: what was measured on which machine, row by row, with charts."""

import os
import platform
import re
import shutil
import subprocess
from datetime import date
from importlib import metadata
from pathlib import Path

from autograd import blas

from .measuring import ROOT, missing, shown, took

PAGE, CHARTS = ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "benchmarks"
PACKAGES = ("numpy", "scipy", "numba", "jax", "torch", "micrograd", "mygrad")
OPENING = """# Benchmarks

`python3 run.py bench` measures all of this in one run and writes this page; `python3 run.py bench
eager_step` measures one script of [benchmarks/](../benchmarks) and writes nothing, and with
`--quick`, in miniature, nothing is written either. Each figure is the median of repetitions, with
the least and the largest. × is our time, or memory, over theirs, so less than 1 is better;
× faster is theirs over ours. Both sides take turns, in fresh processes, on batches that they have
not seen. A bar is a promise, made before it was measured: a row that does not reach it stays here
and says so.
"""
ABOUT = {
    "Scalars": """Graphs of Values, float64, in one thread but for `batch=True`. The README graph
is the one that micrograd's README shows: sums, products, powers and two `relu`, no `exp`.""",
    "Tensors, eager": """A step is forward, cross entropy, backward and Adam, in float32, of linear
layers with ReLU: 4-16-3 × 32 has layers of 4, 16 and 3 numbers and a batch of 32 rows. By hand is
the same step in NumPy, with derivatives that a person worked out (`by_hand` in
benchmarks/networks.py). What one operation costs is measured on four float64 numbers. The gradient
of an MLP, at the end, is less work than the step of these sizes and takes longer: it is in float64,
in one thread, its loss is written out in `max`, `exp`, `log` and `sum`, and `value_and_grad` walks
the graph in a more general way than `backward()`. Each of these costs a quarter or more.""",
    "Compiled training steps": """The same steps in float32 as one program. Each side runs with its
own threads and with one; the better counts. Compile latency is what the first call takes beyond a
later one, imports not counted: cold with an empty cache folder.""",
    "Growth": """The floor of a step is its matrix products alone, by the BLAS that the step uses,
and one copy of parameters and optimiser state. Step, products and copy take turns, with all
threads and with one: of the floor the fastest run counts, of the step the median of the better.""",
    "Several processes": """Ranks of `nn.distributed` on one machine, over MPI, each with one
thread: the same batch shared out, and a batch for each. The two cores share memory and caches.""",
    "Memory": """The peak of a step is what a process needs beyond what it had before its first
step; float32.""",
}
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#555555")


def write(sections, minutes):
    """The page and its charts, from rows and charts by section."""
    rows = [row for parts, _ in sections.values() for row in parts]
    barred = [row for row in rows if row.bar != "–"]
    met = sum(row.met is True for row in barred)
    open_ = sum(row.met is None for row in barred)
    lines = [OPENING, machine(minutes), f"\n**{met} of {len(barred)} bars are met**, "
             f"{len(barred) - met - open_} are not, {open_} could not be measured here.\n",
             *beside(rows)]
    CHARTS.mkdir(exist_ok=True)
    for title, (parts, charts) in sections.items():
        lines += [f"\n## {title}\n", *([ABOUT[title] + "\n"] if title in ABOUT else [])]
        lines += ["| what | bar | figure | | in numbers |", "|---|---|---|---|---|"] * bool(parts)
        lines += [f"| {row.work} | {row.bar} | {row.figure} | {row.verdict} | {row.note} |"
                  for row in parts]
        for chart in charts:
            draw(chart, CHARTS / f"{chart.name}.svg")
            lines.append(f"\n![{chart.title}](benchmarks/{chart.name}.svg)")
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def beside(rows):
    """Lines on whole training steps, by peer: where they are faster, and where slower."""
    found = {}
    for row in rows:
        step = re.fullmatch(r"(eager|compiled) step ([-\d]+ × \d+) over ((?:JAX|PyTorch) .*)",
                            row.work)
        if step and row.figures:
            kind, work, peer = step.groups()
            found.setdefault((kind, peer), ([], []))[row.median > 1].append(
                f"{work} ({shown(row.median)} ×)")
    if found:
        yield "Whole training steps beside those of others; the other rows measure parts:\n"
    for (kind, peer), sides in found.items():
        said = [f"{word} at {', '.join(where)}"
                for word, where in zip(("faster", "slower"), sides, strict=True) if where]
        yield f"- {kind.capitalize()} steps beside {peer}: {'; '.join(said)}."


# -- the machine -----------------------------------------------------------------------------------

def machine(minutes):
    """The machine and the versions, without names of hosts and places of files."""
    lines = [f"- {processor()}, {os.cpu_count()} cores, {memory()}; {platform.system()}; "
             f"{date.today()}, {minutes:.0f} minutes, load {os.getloadavg()[2]:.1f}",
             f"- Python {platform.python_version()}, " + ", ".join(
                 f"{name} {metadata.version(name)}" for name in PACKAGES if not missing(name))]
    lines += [f"- BLAS: {line}" for line in blas.report(deep=True)]
    chosen = os.environ.get(blas.CHOICE)
    lines += [f"- {blas.CHOICE}={chosen}, which python -m nn sets too"] if chosen else []
    if os.getloadavg()[2] > 1.5 * os.cpu_count():
        lines.append("- **The machine was busy with other work**: what is not met may be that")
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler:
        told = subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout
        lines.append(f"- PyTorch's compiler uses {Path(compiler).name} "
                     + re.search(r"\d+(\.\d+)+", told)[0])
    return "\n".join(lines)


def processor():
    """The model of the processor."""
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return re.sub(r"\s+", " ", found[1]) if found else platform.processor() or platform.machine()


def memory():
    """How much of it there is."""
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    except (AttributeError, ValueError, OSError):
        return "memory unknown"


# -- charts ----------------------------------------------------------------------------------------

def draw(chart, path):
    """A chart as SVG, the same bytes for the same numbers."""
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator

    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": chart.name,
                                "font.family": "sans-serif", "font.size": 10}):
        figure = Figure(figsize=(7.2, 4.2), layout="constrained")
        axes = figure.subplots()
        for (name, points), colour in zip(chart.lines.items(), COLOURS, strict=False):
            axes.plot(*zip(*points, strict=True), marker="o", markersize=4, label=name,
                      color=colour)
        axes.set(xscale="log", yscale="log", xlabel=chart.across, ylabel=chart.up)
        low, high = axes.get_ylim()
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 300 * low else (1,)))
        axes.yaxis.set_major_formatter(lambda y, _: took(y))
        axes.set_title(chart.title, fontsize=11)
        ticks = sorted({x for points in chart.lines.values() for x, _ in points})
        axes.set_xticks(ticks, [f"{x:,}" for x in ticks])
        axes.minorticks_off()
        axes.grid(color="#dddddd", linewidth=0.6)
        axes.set_axisbelow(True)
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    path.write_text(re.sub(r"[ \t]+$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE),
                    encoding="utf-8")
