"""What other people's code does with a Tensor, as a table: `python tests/interop/table.py`.

It runs every call of calls.py on NumPy storage, prints the counts and writes docs/interop.md; with
--json it prints the outcomes and writes nothing.
"""

import collections
import importlib.util
import json
import os
import pathlib
import sys
import textwrap

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = PROJECT / "docs" / "interop.md"
LIBRARIES = ["scipy", "scikit-learn", "array-api-extra", "einops", "opt-einsum"]
OPENING = """\
# Other people's code on a Tensor

SciPy, scikit-learn and others take any array that follows the array API standard. This table says
which of their calls give right gradients when the array is a Tensor over NumPy, and what stops the
others. SciPy runs with `SCIPY_ARRAY_API=1`, scikit-learn with `array_api_dispatch=True`, einops
after `import autograd.einops`; their code is unchanged. What *warned* has made a float of the
Tensor: that warns before `backward()`, and raises inside `grad`. scikit-learn's metrics of numbers
give arrays, with gradients, where they take `multioutput="raw_values"`. The page is written by
`python tests/interop/table.py`; the calls are in tests/interop/calls.py."""


def outcomes():
    """(name, library, verdict, reason, where) of every call, in the order of the table."""
    os.environ["SCIPY_ARRAY_API"] = "1"         # read when SciPy is imported
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]
    from calls import CALLS
    from runner import outcome

    if importlib.util.find_spec("einops"):
        importlib.import_module("autograd.einops")
    if importlib.util.find_spec("sklearn"):
        import sklearn

        sklearn.set_config(array_api_dispatch=True)
    return [(call.name, call.library, *outcome(call)) for call in CALLS]


def versions():
    """The versions that the page is about, those of constraints.txt."""
    lines = (PROJECT / "constraints.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)
    return {name: pinned[name] for name in ["numpy", *LIBRARIES]}


def counts(found):
    """The table of libraries and verdicts."""
    from runner import VERDICTS

    number = collections.Counter((library, verdict) for _, library, verdict, *_ in found)
    lines = [f"| library | calls | {' | '.join(VERDICTS)} |", "|---" * (len(VERDICTS) + 2) + "|"]
    for library in LIBRARIES:
        row = [number[library, verdict] for verdict in VERDICTS]
        shown = [f"{n} ({n / sum(row):.0%})" if n and i == 0 else str(n) for i, n in enumerate(row)]
        lines.append(f"| {library} | {sum(row)} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def page(found):
    """docs/interop.md."""
    from runner import VERDICTS

    pinned = ", ".join(f"{name} {version}" for name, version in versions().items())
    about = textwrap.fill(f"Versions: {pinned}.", 100, break_on_hyphens=False)
    parts = [OPENING, about, counts(found),
             "\n".join(f"- **{verdict}**: {meaning}" for verdict, meaning in VERDICTS.items())]
    for library in LIBRARIES:
        rows = [f"| `{name}` | {verdict} | {cell(reason)} | {code(where)} |"
                for name, its, verdict, reason, where in found if its == library]
        parts += [f"## {library}", "\n".join(
            ["| call | verdict | what was said | their line |", "|---|---|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"


def cell(text):
    """Text in a cell of a Markdown table."""
    for mark in "\\`*_|<>[]":
        text = text.replace(mark, "\\" + mark)
    return text


def code(text):
    """A place in a file, if there is one."""
    return f"`{text}`" if text else ""


if __name__ == "__main__":
    found = outcomes()
    if "--json" in sys.argv:
        print(json.dumps(found))
    else:
        print(counts(found))
        missing = {library for _, library, verdict, *_ in found if verdict == "not installed"}
        if missing:
            sys.exit(f"docs/interop.md is left as it is: pip install {' '.join(sorted(missing))}")
        PAGE.write_text(page(found), encoding="utf-8")
