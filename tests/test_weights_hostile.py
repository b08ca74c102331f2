"""Hostile weights files: each is refused with a reason or loaded rightly, at its own cost."""

import json
import os
import struct
import subprocess
import sys

import numpy
import pytest

import nn
from autograd.errors import ArgumentError
from nn.module import leaves

pytest.importorskip("safetensors", reason="pip install safetensors")

from readers import MODELS, WEIGHTS, Source, check_numbers, damaged, entries, everything

BODY = bytes(range(16))


def file(header, body=BODY):
    """A file of a header as it is, text or bytes."""
    header = header.encode() if isinstance(header, str) else header
    return struct.pack("<Q", len(header)) + header + body


def entry(start, stop, dtype="U8", shape=None, name="a"):
    """An entry of a header, as text."""
    return f'"{name}": ' + json.dumps({
        "dtype": dtype, "shape": [stop - start] if shape is None else shape,
        "data_offsets": [start, stop]})


def entries_of(*texts):
    """A header of such entries."""
    return "{" + ", ".join(texts) + "}"


HOSTILE = {
    "overlapping": (file(entries_of(entry(0, 16), entry(8, 16, name="b"))), "invalid offset"),
    "all in one place": (file(entries_of(entry(0, 16), entry(0, 16, name="b"))), "invalid offset"),
    "a hole": (file(entries_of(entry(0, 4), entry(8, 16, name="b"))), "invalid offset"),
    "out of range": (file(entries_of(entry(0, 24))), "incomplete metadata"),
    "backwards": (file(entries_of(entry(16, 0, shape=[16]))), "invalid offset"),
    "below zero": (file('{"a": {"dtype": "U8", "shape": [1], "data_offsets": [-1, 0]}}'),
                   "invalid JSON"),
    "bytes at the end": (file(entries_of(entry(0, 16)), BODY + b"x"), "incomplete metadata"),
    "a shape that overflows": (file(entries_of(entry(0, 16, "F64", [2**32, 2**32, 2]))),
                               "overflow"),
    "two of a name": (file(entries_of(entry(0, 16), entry(0, 16, name=r"\u0061"))),
                      "two entries of the name 'a'"),
    "no utf-8": (file(entries_of(entry(0, 16, name="\xff")).encode("latin-1")), "invalid UTF-8"),
    "deep": (file('{"a": ' + "[" * 90_000), "recursion limit|invalid"),
    "no object": (file("[" * 90_000), "invalid"),
    "an escape sequence": (file(entries_of(entry(0, 16, "\x1b[2J" + "x" * 9999))), "invalid"),
    "a pickle": (b"\x80\x04cos\nsystem\n(S'touch hacked'\ntR.", "header of [0-9,]+ bytes"),
    "a zip": (b"PK\x03\x04" + bytes(60), "header|JSON"),
    "text": (b"weights = 3\n" * 9, "header of [0-9,]+ bytes"),
}


@pytest.mark.parametrize("content, says", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_weights_file_is_refused_in_few_words(tmp_path, monkeypatch, content, says):
    monkeypatch.chdir(tmp_path)
    (path := tmp_path / "w.safetensors").write_bytes(content)
    model = nn.Linear(4, 4, bias=False, rng=0)
    before = everything(model)
    with pytest.raises(ArgumentError, match=rf"not a whole weights file: .*{says}") as caught:
        nn.load(model, path)
    text = str(caught.value)
    assert len(text) < len(str(path)) + 400 and text.replace("\n", "").isprintable()
    assert everything(model) == before and [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["../../../../tmp/hacked", "/etc/passwd", "a\x00b", "\x1b[2J",
                                  "C:\\hacked", "__class__", "forward", "weight.data", "x" * 9999])
def test_a_name_is_a_name_and_nothing_else(tmp_path, name):
    (path := tmp_path / "w.safetensors").write_bytes(file(json.dumps(
        {name: {"dtype": "U8", "shape": [16], "data_offsets": [0, 16]}})))
    model = nn.Linear(4, 4, bias=False, rng=0)
    before = everything(model)
    with pytest.raises(ArgumentError, match=r"missing weight: \(4, 4\)\n  unknown ") as caught:
        nn.load(model, path)
    assert len(str(caught.value)) < len(str(path)) + 400
    assert str(caught.value).replace("\n", "").isprintable()
    assert everything(model) == before and [p.name for p in tmp_path.iterdir()] == [path.name]


def test_of_many_unknown_entries_the_first_are_named(tmp_path):
    header = {f"a{i}": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]} for i in range(9000)}
    (path := tmp_path / "w.safetensors").write_bytes(file(json.dumps(header), b""))
    with pytest.raises(ArgumentError, match=r"… 8,981 more\nhelp: ") as caught:
        nn.load(nn.Linear(4, 4, bias=False, rng=0), path)
    assert len(str(caught.value)) < 3000


def test_what_is_no_file_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")                            # to read it is to wait for ever
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(ArgumentError, match="cannot be read: it is no file"):
            nn.load(nn.Linear(1, 1), path)


def mutated(content, rng):
    """A file with bits flipped, cut off, bytes put in or taken out, or another header."""
    kind = rng.integers(5)
    if kind == 4:
        return damaged(content, Source(rng.bytes(64)))
    for _ in range(rng.integers(1, 4)):
        at, size = int(rng.integers(1, len(content) + 1)), int(rng.integers(1, 9))
        middle = [bytes(b ^ (1 << rng.integers(8)) for b in content[at:at + 1]) +
                  content[at + 1:], b"", rng.bytes(size) + content[at:], content[at + size:]][kind]
        content = content[:at] + middle
    return content


def test_ten_thousand_mutations(monkeypatch):
    rng, given = numpy.random.default_rng(0), []
    monkeypatch.setattr(nn.weights, "_read", lambda path: given[-1])    # disks may be slow
    models = [make(1) for make in MODELS]
    before, loaded = [everything(model) for model in models], 0
    for i in range(10_000):
        content = mutated(WEIGHTS[i % len(MODELS)], rng)
        number = content[0] % len(MODELS)
        given[:] = [content[1:]]
        try:
            nn.load(models[number], "weights")
        except ArgumentError as error:
            assert "\nhelp: " in str(error) and len(str(error)) < 5000
            assert everything(models[number]) == before[number], error
        else:
            came = {x.name: x.array() for x in entries(content[1:])}
            assert came.keys() == dict(leaves(models[number])).keys()
            for name, leaf in leaves(models[number]):
                check_numbers(leaf.data, came[name])
            before[number], loaded = everything(models[number]), loaded + 1
    assert 200 < loaded < 2000                              # both ways were taken


PEAK = r"""
import pathlib, re, sys
import nn, safetensors.numpy
from autograd.errors import ArgumentError
def peak():         # not ru_maxrss, in which a new process starts from that of its parent
    return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path("/proc/self/status").read_text())[1]) << 10
model, first = nn.Linear(2, 2), peak()
for path in sys.argv[1:]:
    try:
        nn.load(model, path)
    except ArgumentError as error:
        assert len(str(error)) < 5000, len(str(error))
print(peak() - first)
"""


def test_a_hostile_file_costs_no_more_memory_than_a_few_times_its_size(tmp_path):
    size, header = 8 << 20, {}
    many = {f"a{i}": {"dtype": "F64", "shape": [0], "data_offsets": [0, 0]} for i in range(150_000)}
    wide = file(json.dumps({"weight": {"dtype": "F64", "shape": [size // 8],
                                       "data_offsets": [0, size]}}), bytes(size))
    header = {"weight": {"dtype": "F16", "shape": [2**40], "data_offsets": [0, 2**41]}}
    for i, content in enumerate([
            wide, wide[:-1], file(json.dumps(many), b""), file(json.dumps(header), b""),
            struct.pack("<Q", 2**40) + bytes(size), file('{"a": ' + "[" * size),
            file('{"__metadata__": {"a": "' + "x" * size + '"}}', b""),
            struct.pack("<Q", size) + b" " * size]):
        assert len(content) < 1.5 * size
        (tmp_path / str(i)).write_bytes(content)
    done = subprocess.run([sys.executable, "-c", PEAK, *sorted(map(str, tmp_path.iterdir()))],
                          capture_output=True, text=True, check=True)
    assert int(done.stdout) < 4 * size, f"{int(done.stdout):,} bytes"
