"""The notebooks: every one runs, and what is kept beside it was made from it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def test_every_notebook_runs_and_is_the_one_that_is_kept(tmp_path):
    pytest.importorskip("ipykernel", reason="install ipykernel")
    done = subprocess.run([sys.executable, str(ROOT / "notebooks" / "remake.py"), "--check"],
                          capture_output=True, text=True, timeout=400,
                          env=os.environ | {"PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path)})
    assert done.returncode == 0, done.stderr


def test_kept_notebooks_have_outputs_and_no_addresses_errors_or_paths():
    kept = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert [path.with_suffix(".py").exists() for path in kept] == [True] * len(kept) and kept
    for path in kept:
        text = path.read_text(encoding="utf-8")
        assert '"output_type"' in text and '"output_type": "error"' not in text
        assert not re.search(r"0x[0-9a-f]{6}|/home/|/tmp/|\"stderr\"", text), path.name
        assert "**Try:**" in text
