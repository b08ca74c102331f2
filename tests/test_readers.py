"""What readers promise, held on mutated bytes; readers.py has the promise, fuzz_bytes.py more."""

import pytest
from hypothesis import given, settings, strategies as st

pytest.importorskip("safetensors", reason="pip install safetensors")

from readers import MODELS, READERS, WEIGHTS, Source, damaged, entries, weights, written

CHOICES = st.binary(max_size=64)


@pytest.mark.parametrize("name", READERS)
def test_what_was_saved_is_taken(name):
    reader = READERS[name]
    assert all(reader.holds(content) for content in reader.corpus)


@pytest.mark.parametrize("model", range(len(MODELS)))
@settings(max_examples=60)
@given(st.lists(CHOICES, min_size=1, max_size=3))
def test_damaged_weights_are_refused_whole_or_taken_rightly(model, choices):
    content = WEIGHTS[model]
    for each in choices:
        content = damaged(content, Source(each))
    weights(content)


@pytest.mark.parametrize("name", ["weights", "penguins"])
@settings(max_examples=100)
@given(st.data())
def test_files_with_other_bytes_and_cut_off(name, data):
    content = bytearray(data.draw(st.sampled_from(READERS[name].corpus)))
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)) | st.just(len(content)))
    READERS[name].holds(bytes(content[:end]))


@pytest.mark.parametrize("name", ["state", "optimizer", "schedule"])
@settings(max_examples=150)
@given(CHOICES)
def test_states_of_anything(name, content):
    READERS[name].holds(content)


@given(st.text("0123456789.,-+einfa_ ٣\0").map(str.encode) | st.binary(max_size=30))
def test_penguins_of_anything(content):
    READERS["penguin"].holds(content)


def test_the_plain_reader_and_writer_of_the_tests_agree():
    for content in WEIGHTS:
        assert entries(written(entries(content[1:]), Source(b""))) == entries(content[1:])
