"""The README is executed: its programs run, and its table says what the rules say."""

import re
import subprocess
import sys
from pathlib import Path

from autograd.primitive import table

README = Path(__file__).parent.parent / "README.md"


def test_the_programs_of_the_readme_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    scope = {}
    programs = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(programs) >= 5
    for program in programs:
        exec(compile(program, "README.md", "exec"), scope)
    assert scope["value"] == 6.0 and scope["gradient"] == {"w": 3.0, "b": 2.0}
    assert scope["history"]["validation_accuracy"][-1] > 0.8
    printed = capsys.readouterr().out
    assert "12.0 12.0" in printed and "a ** b" in printed


def test_the_switch_for_scipy_is_a_program_of_its_own():
    text = README.read_text(encoding="utf-8")
    program, = re.findall(r"```\n(import os;.*?)```", text, re.DOTALL)
    subprocess.run([sys.executable, "-c", program], check=True, cwd=README.parent)


def test_the_table_of_the_readme_is_printed_from_the_rules():
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) ?\|$", README.read_text(encoding="utf-8"),
                      re.MULTILINE)
    assert len(rows) >= 10
    for name, *cells in rows:
        rules = [table[name].formula(i) for i in range(len(table[name].rules))]
        assert [cell.strip("` ") for cell in cells if cell.strip()] == rules, name
