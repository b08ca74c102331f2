"""A notebook is written as a percent script; this runs each one and keeps the result beside it.

    python notebooks/remake.py            run every script and write its .ipynb
    python notebooks/remake.py --check    run every script, and compare with what is kept
"""

import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent


def sources():
    """The scripts that are notebooks."""
    return sorted(HERE.glob("[0-9]*.py"))


def notebook(path):
    """A percent script as a notebook that has not been run."""
    cells = []
    for i, (kind, text) in enumerate(re.findall(
            r"^# %%( \[markdown\])?\n(.*?)(?=^# %%|\Z)", path.read_text(encoding="utf-8"),
            re.MULTILINE | re.DOTALL)):
        text = text.strip("\n")
        if kind:
            text = re.sub(r"^# ?", "", text, flags=re.MULTILINE)
        make = nbformat.v4.new_markdown_cell if kind else nbformat.v4.new_code_cell
        cells.append(make(text, id=f"cell-{i}"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def run(path):
    """The notebook of a script, run in a fresh kernel; an error in a cell is raised."""
    made = notebook(path)
    NotebookClient(made, timeout=120, kernel_name="python3", record_timing=False,
                   coalesce_streams=True, resources={"metadata": {"path": str(HERE)}}).execute()
    made.metadata.pop("language_info", None)
    return made


def main(check):
    """Write every notebook, or return the names of those that are not as they were written."""
    stale = []
    for path in sources():
        made, kept = run(path), path.with_suffix(".ipynb")
        if not check:
            nbformat.write(made, kept)
            print(kept.name)
        elif not kept.exists() or [cell.source for cell in nbformat.read(kept, 4).cells] != [
                cell.source for cell in made.cells]:
            stale.append(path.name)
    return stale


if __name__ == "__main__":
    behind = main("--check" in sys.argv[1:])
    sys.exit(f"not remade since the script changed: {', '.join(behind)}" if behind else 0)
