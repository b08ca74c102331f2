"""run.py, in copies of the project that hold nothing else: no test here needs a network."""

import ast
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

import pytest

PROJECT = pathlib.Path(__file__).parent.parent

CLOSED = "http://127.0.0.1:9/"  # nobody listens there

# What stands in for uv: it makes .venv's Python a link to this one and notes each call.
UV = f"""#!{sys.executable}
import os, pathlib, sys, time
venv = pathlib.Path(".venv")
with open("calls", "a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
if sys.argv[1] == "venv":
    (venv / "bin").mkdir()
    (venv / "bin/python").symlink_to(os.path.realpath(sys.executable))
    (venv / "pyvenv.cfg").write_text("home = " + sys.base_prefix + "/bin")
else:
    time.sleep(0.2)
    if os.path.exists("broken"):
        sys.exit(open("broken").read())
"""
PREPARED = """
import sys
path = sys.argv.pop(1)
source = open(path).read()
{}
exec(source, {{"__name__": "__main__", "__file__": path}})
"""
JOB = """
import sys
print("job", *sys.argv[1:])
if "--wait" in sys.argv:
    import time
    try:
        print("waiting", flush=True)
        time.sleep(20)
    except KeyboardInterrupt:
        sys.exit(7)
sys.exit(int(sys.argv[-1]) if sys.argv[-1].isdigit() else 0)
"""


class Copy:
    """A folder with run.py and a job that says what it was given; it runs as a child process."""

    def __init__(self, folder):
        self.folder = folder / "a project"
        for name in ("nn", "bin"):
            (self.folder / name).mkdir(parents=True)
        for name in ("run.py", "pyproject.toml", "constraints.txt"):
            shutil.copy(PROJECT / name, self.folder)
        (self.folder / "nn" / "__init__.py").write_text("")  # or an installed nn would come first
        (self.folder / "nn" / "__main__.py").write_text(JOB)
        (self.folder / "bin" / "uv").write_text(UV)
        (self.folder / "bin" / "uv").chmod(0o755)
        self.venv = self.folder / ".venv"

    def start(self, *words, before="", **env):
        command = [sys.executable, str(self.folder / "run.py"), *words]
        if before:  # Python to run first, in the same process
            command = [sys.executable, "-c", PREPARED.format(before), *command[1:]]
        offline = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": CLOSED, "PIP_RETRIES": "1"}
        return subprocess.Popen(
            command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/",
            env={"PATH": str(self.folder / "bin"), "HOME": str(self.folder), **offline, **env},
        )  # fmt: skip

    def run(self, *words, **options):
        with self.start(*words, **options) as process:
            out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def installs(self):
        """What was installed so far, a list of requirements for each time."""
        return self.calls("pip install")

    def makings(self):
        """How often .venv was made."""
        return len(self.calls("venv"))

    def calls(self, start):
        calls = self.folder / "calls"
        lines = calls.read_text().splitlines() if calls.exists() else []
        return [line for line in lines if line.startswith(start + " ")]

    def restamp(self, **values):
        path = self.venv / "run.stamp"
        path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path)


def one_line(err):
    """The last line on stderr, after at most the line that says what is being done."""
    lines = [line for line in err.splitlines() if "setting up" not in line]
    assert len(lines) == 1 and lines[0].startswith("run.py: "), err
    return lines[0]


def test_without_a_command_it_runs_the_penguins_with_their_options(copy):
    assert copy.run()[:2] == (0, "job penguins\n")
    assert copy.run("--epochs", "3")[1] == "job penguins --epochs 3\n"
    assert copy.run("moons", "--seed", "x")[1] == "job moons --seed x\n"


def test_the_exit_status_of_the_job_is_passed_on(copy):
    assert copy.run("example", "5")[0] == 5


def test_ctrl_c_reaches_the_job(copy):
    # A shell's background job ignores the signal, and so do its children.
    before = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    with copy.start("moons", "--wait", before=before) as process:
        assert process.stdout.readline() == "job moons --wait\n"
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(2)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 7
    assert "Traceback" not in err


def test_it_installs_once_and_again_only_when_something_changed(copy):
    copy.run()
    _, _, err = copy.run()
    assert len(copy.installs()) == 1 and err == ""
    for name in ("pyproject.toml", "constraints.txt"):
        with open(copy.folder / name, "a") as file:
            file.write("# changed\n")
        copy.run()
        copy.run()
        assert len(copy.installs()) == {"pyproject.toml": 2, "constraints.txt": 3}[name]
    assert copy.makings() == 1


def test_another_python_leaves_venv_alone(copy):
    copy.run()
    before = "sys.version, sys.base_prefix, sys.version_info = 'another', '/elsewhere', (3, 99, 0)"
    assert copy.run(before=before)[2] == ""
    assert len(copy.installs()) == copy.makings() == 1


@pytest.mark.parametrize("stamp", [None, '{"python": [', '{"python": ["3", "/", "/"]}'])
def test_a_venv_that_works_is_kept(copy, stamp):
    copy.run()
    (copy.venv / "the user's own").write_text("")
    (copy.venv / "run.stamp").unlink()
    if stamp:  # half a stamp, or one of an older run.py
        (copy.venv / "run.stamp").write_text(stamp)
    (copy.folder / "broken").write_text("error: dns error")
    assert copy.run()[0] == 2  # without a network nothing is lost
    (copy.folder / "broken").unlink()
    assert "clearing" not in copy.run()[2]
    assert (copy.venv / "the user's own").exists()
    assert copy.makings() == 1
    assert copy.run()[2] == ""


def test_it_installs_what_the_command_needs_and_keeps_what_others_needed(copy):
    copy.run("example")
    copy.run("test", "--version")
    copy.run("example")
    first, second = copy.installs()
    assert "matplotlib>=" in first and "pytest>=" not in first
    assert "matplotlib>=" in second and "pytest>=" in second and "torch" not in second


@pytest.mark.parametrize("command, env", [("test", {"WENGERT_REQUIRE_ALL": "1"}), ("bench", {})])
def test_what_needs_pytorch_is_installed_on_demand_and_by_pip(copy, command, env):
    before = "import importlib.util as u; u.find_spec = lambda name: None"
    status, _, err = copy.run(command, before=before, **env)
    assert status == 2 and "this Python has no pip" in one_line(err)
    assert copy.installs() == []  # uv was passed over


@pytest.mark.parametrize("harm", ["no python", "broken python", "old", "newer", "moved", "half"])
def test_a_venv_that_cannot_be_kept_is_made_anew_and_the_user_told_why(copy, harm):
    copy.run()
    (copy.venv / "left over").write_text("")
    python = copy.venv / "bin" / "python"
    match harm:
        case "no python":
            python.unlink()
            reason = "its Python does not run"
        case "broken python":  # its name changes, as a link to a newer one would
            python.unlink()
            python.symlink_to("/bin/false")
            reason = "its Python does not run"
        case "old":
            python.unlink()
            python.write_text("#!/bin/sh\necho 3.10\n")
            python.chmod(0o755)
            reason = "its Python is 3.10, too old"
        case "newer":
            copy.restamp(python="python3.4", version="3.4")
            reason = "its Python was 3.4 and is now 3."
        case "moved":
            copy.restamp(root="/elsewhere")
            reason = "it was made in /elsewhere"
        case "half":
            (copy.venv / "run.stamp").write_text('{"unfinished": true}')
            reason = "its making was cut short"
    status, out, err = copy.run()
    assert (status, out) == (0, "job penguins\n")
    assert f"clearing .venv: {reason}" in one_line(err)
    assert not (copy.venv / "left over").exists()
    assert len(copy.installs()) == copy.makings() == 2


def test_an_empty_venv_is_filled(copy):
    copy.venv.mkdir()
    status, out, err = copy.run()
    assert (status, out) == (0, "job penguins\n")
    assert "clearing" not in err


def test_a_failed_installation_is_done_again(copy):
    (copy.folder / "broken").write_text("error: no such wheel")
    before = "import importlib.util as u; u.find_spec = lambda name: None"  # only uv
    status, out, err = copy.run(before=before)
    assert (status, out) == (2, "")
    assert "the installation failed: no such wheel" in one_line(err)
    (copy.folder / "broken").unlink()
    assert copy.run()[0] == 0
    assert copy.makings() == 2


def test_two_at_once_install_once(copy):
    processes = [copy.start("example") for _ in range(2)]
    for process in processes:
        out, _ = process.communicate(timeout=60)
        assert (process.returncode, out) == (0, "job example\n")
    assert len(copy.installs()) == 1


def test_a_second_start_takes_little_time(copy):
    def seconds(*command):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - start

    copy.run()
    job = min(seconds(sys.executable, copy.folder / "nn" / "__main__.py") for _ in range(3))
    whole = min(seconds(sys.executable, copy.folder / "run.py") for _ in range(3))
    assert whole - job < 0.3


def test_no_network_is_one_line(copy):
    (copy.folder / "broken").write_text("error: dns error")
    status, out, err = copy.run()  # uv fails, then pip, whose index is at a closed port
    assert (status, out) == (2, "")
    assert "no network" in one_line(err)


def test_a_read_only_folder_is_one_line():
    with tempfile.TemporaryDirectory() as folder:  # tmp_path is closed to other users
        copy = Copy(pathlib.Path(folder))
        os.chmod(folder, 0o755)
        copy.folder.chmod(0o555)
        # The superuser may write anywhere, so it becomes nobody, once what is needed is loaded.
        before = "import hashlib, json, os; os.getuid() or os.setuid(65534)"
        status, out, err = copy.run(before=before)
        copy.folder.chmod(0o755)
        assert (status, out) == (2, "")
        assert "cannot make .venv: Permission denied" in one_line(err)
        assert not copy.venv.exists()


def test_no_pip_names_the_package_to_install(copy):
    (copy.folder / "bin" / "uv").unlink()
    before = "import importlib.util as u; u.find_spec = lambda name: None"
    status, out, err = copy.run(before=before)
    assert (status, out) == (2, "")
    assert "apt install python3-venv" in one_line(err)


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13)])
def test_an_old_python_is_one_line(copy, version):
    status, out, err = copy.run(before=f"sys.version_info = {version}")
    assert (status, out) == (2, "")
    assert "needs Python 3.11 or newer, this is {}.{}.{}".format(*version) in one_line(err)


def test_an_old_python_can_read_it():
    ast.parse((PROJECT / "run.py").read_text(), feature_version=(3, 6))


def test_an_unknown_command_is_one_line(copy):
    status, out, err = copy.run("penguin")
    assert (status, out) == (2, "")
    assert "penguins" in one_line(err)


def test_help_lists_every_command(copy):
    status, out, err = copy.run("help")
    assert (status, err) == (0, "")
    assert all(name in out for name in ("penguins", "example", "moons", "test", "bench"))


def test_help_with_a_command_shows_that_commands_own(copy):
    assert copy.run("help", "moons")[:2] == (0, "job moons --help\n")
    status, out, err = copy.run("help", "penguin")
    assert (status, out) == (2, "")
    assert "no command 'penguin'" in one_line(err)


def test_every_need_is_a_list_in_pyproject():
    spec = importlib.util.spec_from_file_location("run", PROJECT / "run.py")
    run = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(run)
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    lists = project["project"]["optional-dependencies"] | project["dependency-groups"]
    assert {need for _, needs, _ in run.COMMANDS.values() for need in needs} <= set(lists)


def test_every_requirement_is_pinned():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    lists = project["project"]["optional-dependencies"] | project["dependency-groups"]
    wanted = project["project"]["dependencies"] + [line for few in lists.values() for line in few]
    pins = (PROJECT / "constraints.txt").read_text().splitlines()
    pinned = {line.partition("==")[0] for line in pins if "==" in line}
    loose = {line.partition(">=")[0].partition("[")[0] for line in wanted if "==" not in line}
    assert loose <= pinned, loose - pinned
