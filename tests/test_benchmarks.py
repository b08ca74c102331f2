"""Every benchmark runs, in miniature, and the page says what was measured and what was not."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import cost_model, page
from benchmarks.__main__ import SECTIONS
from benchmarks.measuring import Chart, Row, ratios, shown, took

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = [name for scripts in SECTIONS.values() for name in scripts]


@pytest.mark.parametrize("script", ["small_op", "import_time"])     # .ci/run runs all of them
def test_a_benchmark_runs(script):
    done = subprocess.run([sys.executable, "-m", "benchmarks", script, "--quick"], cwd=ROOT,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    first, *rows, last = done.stdout.splitlines()
    assert first == f"-- {script}" and rows and last.endswith("minutes")


def test_every_script_is_in_the_run():
    found = {path.stem for path in (ROOT / "benchmarks").glob("*.py")
             if "\ndef rows(" in path.read_text(encoding="utf-8")}
    assert found == set(SCRIPTS)


def test_an_unknown_benchmark_is_refused():
    done = subprocess.run([sys.executable, "-m", "benchmarks", "eagre"], cwd=ROOT,
                          capture_output=True, text=True)
    assert done.returncode == 2 and "no benchmark eagre; there are: scalar_step" in done.stderr


def test_a_row_is_met_where_its_median_is():
    assert Row("x", [0.5, 0.6, 9.0], at_most=0.6).met is True
    assert Row("x", [0.5, 0.61, 0.7], at_most=0.6).met is False
    assert Row("x", [16.0], at_least=15.0).met is True
    assert Row("x", [14.0], at_least=15.0).met is False
    assert Row("x", [0.5]).met is None and Row("x", at_most=0.6).met is None
    row = Row("x", [0.51, 0.5, 9.0], "× faster", at_least=15.0)
    assert (row.bar, row.figure, row.verdict) == ("≥ 15 × faster", "0.51 × faster (0.5 to 9)",
                                                  "**not met**")
    assert (Row("x").bar, Row("x").figure, Row("x").verdict) == ("–", "not measured", "–")


def test_numbers_are_written_for_people():
    assert list(map(shown, (0.12345, 12.0, 2345.6, 0.0))) == ["0.123", "12", "2,346", "0"]
    assert list(map(took, (2.5, 0.0125, 3.1e-5, 4e-10))) == ["2.5 s", "12.5 ms", "31 µs", "0.4 ns"]
    assert ratios([2.0, 9.0], [4.0, 3.0]) == [0.5, 3.0]


def test_the_page_keeps_what_is_not_met(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib", reason="pip install matplotlib")
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(page, "CHARTS", tmp_path / "benchmarks")
    monkeypatch.setattr(page.blas, "speed", lambda kernel: 77.2)
    rows = [Row("fast", [0.5], at_most=0.6, note="half"), Row("slow", [0.9, 0.7], at_most=0.6),
            Row("absent", at_most=1.0, note="no GPU here"), Row("told", [3.0], "s")]
    chart = Chart("width", "A step", "width", "seconds", {"step": [(1, 0.1), (10, 0.2)]})
    page.write({"Speed": (rows, [chart])}, 3.0)
    text = page.PAGE.read_text(encoding="utf-8")
    assert "**1 of 3 bars are met**, 1 are not, 1 could not be measured here." in text
    assert "| fast | ≤ 0.6 × | 0.5 × | met | half |" in text
    assert "| slow | ≤ 0.6 × | 0.8 × (0.7 to 0.9) | **not met** |  |" in text
    assert "| absent | ≤ 1 × | not measured | – | no GPU here |" in text
    assert "![A step](benchmarks/width.svg)" in text and "python3 run.py bench" in text
    assert str(Path.home()) not in text and str(ROOT) not in text
    first = (tmp_path / "benchmarks" / "width.svg").read_bytes()
    page.write({"Speed": (rows, [chart])}, 3.0)
    assert first == (tmp_path / "benchmarks" / "width.svg").read_bytes()
    assert b"<svg" in first and b"A step" in first


def test_the_tables_on_paper_are_in_the_docs():
    text = (ROOT / "docs/distributed.md").read_text(encoding="utf-8")
    for table in cost_model.tables().split("\n\n"):
        assert table in text
