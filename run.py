"""One command from a fresh clone to a running job.

    python3 run.py          the main job: learn the penguins
    python3 run.py test     prove the project right; options go to pytest
    python3 run.py help     every command; with a command's name, its options

It makes .venv beside itself, installs the project there with what the command needs, at the
versions of constraints.txt, and installs again only when something changed. A .venv that works is
kept, whatever Python starts this file. It uses the standard library alone, and older Pythons must
be able to read it, to be told that they are too old.
"""

import json
import os
import sys

# name: (what .venv's Python runs, the extras and dependency groups it needs, what it is)
COMMANDS = {
    "penguins": ("-m nn penguins", ["demo"], "learn the penguins: the main job"),
    "digits": ("-m nn digits", ["demo"], "read digits: an MLP and a small CNN"),
    "regression": ("-m nn regression", ["demo"], "a line, then a curve"),
    "clustering": ("-m nn clustering", ["demo"], "groups in the code of an autoencoder"),
    "text": ("-m nn text", ["demo"], "write text: an n-gram MLP, then a transformer"),
    "curve": ("-m nn curve", ["demo"], "accuracy against amount of data"),
    "example": ("-m nn example", ["demo"], "one worked step of gradient descent"),
    "moons": ("-m nn moons", ["demo"], "two moons on the scalar engine"),
    "test": ("-m pytest -n auto", ["demo", "test"], "run the tests; options go to pytest"),
    "notebooks": ("notebooks/remake.py", ["demo", "test"], "run and rewrite the notebooks"),
    "bench": ("-m benchmarks", ["demo", "jit", "bench"],
              "measure speed and memory, write docs/benchmarks.md"),
    "gpu": ("tests/gpu.py", ["demo", "test"], "run the tests on the GPU, write docs/gpu.md"),
    "thorough": ("tests/thorough.py", ["demo", "test", "oracles"],
                 "measure for hours, write docs/trust.md"),
    "learning": ("tests/learning.py", ["demo", "oracles"],
                 "measure what the networks must show"),
    "lint": ("-m ruff check", ["dev"], "check the style"),
    "types": ("-m mypy", ["demo", "test", "dev"], "check the types"),
}
OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.realpath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, *(["Scripts", "python.exe"] if os.name == "nt" else ["bin", "python"]))
STAMP, LOCK, LOG = (os.path.join(VENV, "run." + end) for end in ("stamp", "lock", "log"))


def say(message):
    print(f"run.py: {message}", file=sys.stderr, flush=True)


def fail(message):
    say(message)
    sys.exit(2)


# ---- is .venv as it should be? -------------------------------------------------------------------


def state():
    """What .venv depends on: the place it was made for, and two files' contents."""
    import hashlib

    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read() + b"\0")
    return {"root": ROOT, "files": digest.hexdigest()}


def python():
    """What .venv's Python is a link to, python3.11 say: to start it and ask would take too long."""
    return os.path.basename(os.path.realpath(PYTHON))


def stamp():
    """The state that the last installation left, with what it installed."""
    try:
        with open(STAMP) as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def is_ready(found, needs):
    same = dict(found, python=python(), **state()) == found
    return same and os.access(PYTHON, os.X_OK) and set(needs) <= set(found["needs"])


def version():
    """The version of .venv's Python, 3.11 say; empty where that does not run, or is not .venv's."""
    import subprocess

    code = "import os, sys; os.path.samefile(sys.prefix, sys.argv[1]) or sys.exit(1); "
    code += "print('{}.{}'.format(*sys.version_info))"
    try:
        return subprocess.check_output(
            [PYTHON, "-I", "-c", code, VENV], stderr=subprocess.DEVNULL, universal_newlines=True
        ).strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def obstacle(found):
    """Why .venv cannot be kept; empty where it can."""
    now = version()
    made = found.get("version", now)
    if not now:
        return "its Python does not run"
    if tuple(map(int, now.split("."))) < OLDEST:
        return f"its Python is {now}, too old"
    if made != now:
        return f"its Python was {made} and is now {now}"
    if found.get("root", ROOT) != ROOT:
        return f"it was made in {found['root']}"
    return "its making was cut short" if found.get("unfinished") else ""


# ---- making it so --------------------------------------------------------------------------------


def set_up(needs):
    os.makedirs(VENV, exist_ok=True)
    with open(LOCK, "a") as lock:
        say("setting up .venv (once; about a minute)")
        hold(lock)
        found, goal = stamp(), state()
        if is_ready(found, needs):  # another run.py did it while this one waited
            return
        reason = untold = obstacle(found)
        begun = {"root": ROOT, "needs": found.get("needs", [])}
        begun.update({"unfinished": True} if reason else {"version": version()})
        needs = sorted(set(needs).union(begun["needs"]))
        if os.path.exists(LOG):
            os.remove(LOG)
        for make, install in installers(needs, keep=not reason):
            write(begun)
            if reason:
                clear(untold)
                untold = ""
            if (not make or call(make)) and call(install + requirements(needs)):
                return write(dict(goal, python=python(), version=version(), needs=needs))
        fail(why())


def write(found):
    with open(STAMP + ".new", "w") as file:
        json.dump(found, file)
    os.replace(STAMP + ".new", STAMP)


def hold(lock):
    """Wait until no other run.py is at work here.

    The lock passes to the installers: were this process killed, the next run.py would otherwise
    clear .venv under an installer that is still writing to it.
    """
    if os.name == "nt":
        import msvcrt

        while True:
            try:
                return msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
            except OSError:  # it gives up after ten seconds
                pass
    import fcntl

    fcntl.flock(lock, fcntl.LOCK_EX)
    os.set_inheritable(lock.fileno(), True)


def clear(reason):
    import shutil

    entries = [entry for entry in os.scandir(VENV) if entry.path not in (STAMP, LOCK, LOG)]
    if entries and reason:
        say(f"clearing .venv: {reason}")
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.remove(entry.path)


def installers(needs, keep):
    """The ways to fill .venv, best first: (command that makes it, command that installs)."""
    from importlib.util import find_spec
    from shutil import which

    base = getattr(sys, "_base_executable", None) or sys.executable  # .venv's own may be cleared
    pip = [PYTHON, "-m", "pip"]
    uv = which("uv")
    if uv and not {"oracles", "bench"}.intersection(needs):  # pip alone finds local PyTorches
        yield (
            [] if keep else [uv, "venv", "--allow-existing", "--python", base, VENV],
            [uv, "pip", "install", "--python", PYTHON],
        )
    if keep and (call([*pip, "--version"]) or call([PYTHON, "-m", "ensurepip"])):
        yield [], [*pip, "install"]
    elif not keep and find_spec("ensurepip"):
        yield [base, "-m", "venv", VENV], [*pip, "install"]
    elif find_spec("pip"):
        yield (
            [] if keep else [base, "-m", "venv", "--without-pip", VENV],
            [sys.executable, "-m", "pip", "--python", PYTHON, "install"],
        )
    elif not uv or {"oracles", "bench"}.intersection(needs):
        fail("this Python has no pip; on Debian and Ubuntu: apt install python3-venv")


def requirements(needs):
    import tomllib

    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        project = tomllib.load(file)
    lists = dict(project["project"]["optional-dependencies"], **project["dependency-groups"])
    return ["--editable", "."] + [line for name in needs for line in lists.get(name, ())]


def call(command):
    """Run an installer, its words to the log; say whether it succeeded."""
    import subprocess

    pinned = "constraints.txt"  # a bare name: pip splits these variables at spaces
    env = dict(os.environ, PIP_CONSTRAINT=pinned, PIP_BUILD_CONSTRAINT=pinned, PIP_NO_INPUT="1")
    env.update(UV_CONSTRAINT=pinned, UV_BUILD_CONSTRAINT=pinned, PIP_USER="0")
    with open(LOG, "a") as log:
        done = subprocess.run(
            command, cwd=ROOT, env=env, close_fds=False,
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )
    return done.returncode == 0


def why():
    """One line on why the installers failed."""
    import re

    with open(LOG, errors="replace") as file:
        log = file.read()
    network = "connection (broken|error|refused)|ConnectionError|resolve host|name resolution|"
    network += "dns error|timed out|unreachable|error sending request"
    if re.search(network, log, re.IGNORECASE):
        return "no network: the packages could not be fetched (details in .venv/run.log)"
    errors = re.findall(r"^\s*error: (?!subprocess)(.*)", log, re.IGNORECASE | re.MULTILINE)
    reason = (errors or ["no reason given"])[0]
    return f"the installation failed: {reason} (details in .venv/run.log)"


# ---- the command line ----------------------------------------------------------------------------


def usage():
    print("usage: python3 run.py [help] [command] [its options]\n")
    for name, (_, _, text) in COMMANDS.items():
        print(f"  {name:10} {text}")
    print("\nWithout a command: penguins. Every command runs in the project's folder.")


def main(words):
    if sys.version_info < OLDEST:
        fail("needs Python {}.{} or newer, this is {}.{}.{}".format(*OLDEST, *sys.version_info))
    if words[:1] in (["help"], ["-h"], ["--help"]):
        if len(words) == 1:
            return usage()
        words = [words[1], "--help"]
    if not words or words[0].startswith("-"):
        words = ["penguins", *words]
    name, *options = words
    if name not in COMMANDS:
        fail(f"no command '{name}'; there are: {', '.join(COMMANDS)}, help")
    arguments, needs, _ = COMMANDS[name]
    if name == "test" and os.environ.get("WENGERT_REQUIRE_ALL") == "1":
        needs = [*needs, "oracles", "browser", "dev"]
    try:
        if not is_ready(stamp(), needs):
            set_up(needs)
    except KeyboardInterrupt:
        say("stopped; the next command finishes .venv")
        sys.exit(130)
    except OSError as error:
        fail(f"cannot make .venv: {error.strerror}: {error.filename}")
    os.chdir(ROOT)
    command = [PYTHON, *arguments.split(), *options]
    if os.name == "nt":  # where exec would not wait
        import subprocess

        sys.exit(subprocess.call(command))
    os.execv(PYTHON, command)


if __name__ == "__main__":
    main(sys.argv[1:])
