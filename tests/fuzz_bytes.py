"""The readers under coverage-guided fuzzing: atheris looks for bytes on which one breaks its word.

    pip install -e . --group test --group fuzz      Linux on x86-64
    python tests/fuzz_bytes.py --minutes 5          all targets, a like time each
    python tests/fuzz_bytes.py weights state        these alone
    python tests/fuzz_bytes.py weights FILE         what a finding does

What each reader promises is in readers.py. Findings are kept in out/fuzz/TARGET/, the shortest of a
kind, and so is the corpus, from which the next run goes on. The exit status is 1 if any was found.
Pickles are no target: by Python's own word, to read one is to run it.
"""

import argparse
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter

PROJECT = pathlib.Path(__file__).resolve().parent.parent
OUT = PROJECT / "out" / "fuzz"
TARGETS = ("weights", "state", "optimizer", "schedule", "penguins", "penguin")
MEMORY = 4                              # GiB of addresses; a reader takes some MiB


def instrumented():
    """The readers, with atheris watching the branches of what they call."""
    import atheris

    sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]
    with atheris.instrument_imports(include=["nn", "autograd.storage", "safetensors"]):
        import readers
    return atheris, readers


def fuzz(target, seconds):
    """Fuzz one target in this process, which libFuzzer ends."""
    import resource

    atheris, readers = instrumented()
    reader, folder, counts = readers.READERS[target], OUT / target, Counter()
    # A MemoryError, which is a finding, before the machine suffers.
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY << 30, MEMORY << 30))

    def one(content):
        try:
            counts[reader.holds(content)] += 1
        except Exception as error:      # all are findings, and the search goes on
            keep(folder, content, error)
            counts["findings"] += 1
        if not counts.total() % 500:    # libFuzzer leaves no time for a last word
            print(f"taken: {counts[True]:,}, refused: {counts[False]:,}", file=sys.stderr)

    def change(content, size, seed):
        if seed % 2 or not content:
            return atheris.Mutate(content, size)
        choices = hashlib.shake_128(seed.to_bytes(8)).digest(64)
        new = reader.damaged(content, readers.Source(choices))
        return new if len(new) <= size else atheris.Mutate(content, size)

    corpus, seeds = folder / "corpus", folder / "seeds"
    for path in (corpus, seeds):
        path.mkdir(parents=True, exist_ok=True)
    for i, content in enumerate(reader.corpus):
        (seeds / str(i)).write_bytes(content)
    arguments = [sys.argv[0], f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
                 "-max_len=4096", "-len_control=0", f"-artifact_prefix={folder}/", str(corpus),
                 str(seeds)]
    atheris.Setup(arguments, one, **({"custom_mutator": change} if reader.damaged else {}))
    atheris.Fuzz()


def keep(folder, content, error):
    """Write what broke the promise, unless a shorter one broke it in the same place."""
    place = [f"{pathlib.Path(frame.filename).name}:{frame.lineno}"
             for frame in traceback.extract_tb(error.__traceback__)
             if str(PROJECT) in frame.filename and "fuzz_bytes" not in frame.filename][-1]
    path = folder / f"finding-{type(error).__name__}-{place.replace(':', '-')}"
    if not path.exists() or len(path.read_bytes()) > len(content):
        path.write_bytes(content)
    path.touch()


def show(target, path):
    """What a finding does: the error, or whether it is taken."""
    sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]
    import readers

    taken = readers.READERS[target].holds(path.read_bytes())
    print(f"{path}: {'taken' if taken else 'refused'}, as promised")


def kept(folder):
    """The findings of a target, each with the time when it was written."""
    return {(path, path.stat().st_mtime_ns) for path in folder.glob("*-*")}


def figures(target, seconds):
    """Fuzz one target in a process of its own, and print its line; returns what was found."""
    found, begun = OUT / target, time.time()
    before = kept(found)
    command = [sys.executable, __file__, "--seconds", str(seconds), target]
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None          # the files need no disk
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace",
                              stdout=subprocess.DEVNULL, env={**os.environ, "TMPDIR": folder})
    log = done.stderr
    (found / "log").write_text(log, encoding="utf-8")
    new = sorted(path for path, _ in kept(found) - before)
    runs, coverage, taken = (["0", *re.findall(pattern, log, re.MULTILINE)][-1] for pattern in (
        r"^#(\d+)", r" cov: (\d+) ", r"taken: [\d,]+, refused: [\d,]+"))
    print(f"{target:10} {int(runs):>9,} runs  {time.time() - begun:4.0f} s  coverage {coverage:>4}",
          f" {taken:36} {len(new)} findings", flush=True)
    if done.returncode and not new:
        print(log[-2000:], file=sys.stderr)
    print(*[f"    {path.relative_to(PROJECT)}" for path in new], sep="\n", end="\n" * bool(new))
    return len(new) + bool(done.returncode and not new)


def main():
    """Fuzz, or show one finding."""
    parser = argparse.ArgumentParser("fuzz_bytes.py", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0, help="for all targets together")
    parser.add_argument("--seconds", type=int, help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", metavar="target", help=", ".join(TARGETS))
    given = parser.parse_args()
    targets = given.targets or TARGETS
    if len(targets) == 2 and targets[0] in TARGETS and targets[1] not in TARGETS:
        return show(targets[0], pathlib.Path(targets[1]))
    if unknown := set(targets) - set(TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    if given.seconds:
        return fuzz(targets[0], given.seconds)
    for target in targets:
        (OUT / target).mkdir(parents=True, exist_ok=True)
    seconds = max(1, round(60 * given.minutes / len(targets)))
    return sum(figures(target, seconds) for target in targets) > 0


if __name__ == "__main__":
    sys.exit(main())
