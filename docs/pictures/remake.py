"""The pictures of the README: a graph, the stepper, the report of the penguins.

    python docs/pictures/remake.py      needs Chromium, for the two that are pages
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from autograd import Value
from nn.__main__ import main as run_job

HERE = Path(__file__).parent
SHOWN = """<script>
const slider = document.querySelector('.ws-slider');
slider.value = {};
slider.oninput();
</script></body>"""


def photograph(page, picture, width, height):
    """A page as it stands in a browser window of that size."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser",
                                                   "google-chrome"))), None)
    if browser is None:
        sys.exit("no Chromium was found\nhelp: apt install chromium")
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                        f"--user-data-dir={profile}", f"--window-size={width},{height}",
                        f"--screenshot={picture}", page.as_uri()], check=True, timeout=120,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def at_frame(page, frame):
    """Let the stepper of a page begin elsewhere than at its first frame."""
    page.write_text(page.read_text(encoding="utf-8").replace("</body>", SHOWN.format(frame)),
                    encoding="utf-8")


def main():
    """Make all three."""
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    c = Value(6.5, label="c")
    d = a * b + c
    d.label = "d"
    loss = d.tanh() * a
    loss.label = "loss"
    loss.backward()
    loss.draw(heat=True, name="readme").save(HERE / "graph.svg")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = loss.steps().save(folder / "steps.html")
        at_frame(page, 7)
        photograph(page, HERE / "stepper.png", 800, 360)
        os.chdir(folder)
        if run_job(["penguins", "--quiet", "--out", str(folder)]):
            sys.exit("the penguins did not run")
        photograph(folder / "report.html", HERE / "report.png", 1000, 1720)


if __name__ == "__main__":
    main()
