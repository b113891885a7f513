"""The fuzzer's targets on their seeds and on damage to them; `benchmarks/fuzz.py` goes on from here."""

from __future__ import annotations

import importlib
from functools import cache

import pytest
from fuzzing import data_set, pixel_stream
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.pixels.codecs import decode_frame

TARGETS = (
    *("pdu_stream", "conversation", "association_request", "data_set", "dicom_file", "media", "pixel_stream"),
    *("images", "drawn_objects", "documents", "annotation_objects", "element_trees", "edits", "preferences"),
    *("compiled_elements", "compiled_sixels", "compiled_pngs"),
    *("compiled_planes", "compiled_projections", "compiled_turnings", "compiled_surfaces", "compiled_curves"),
)
pytestmark = pytest.mark.filterwarnings("ignore")  # pydicom's and pynetdicom's about the damage


@cache
def seeds_of(target):
    return tuple(importlib.import_module(f"fuzzing.{target}").seeds())


def check(target, data):
    importlib.import_module(f"fuzzing.{target}").check(data)


damage = st.one_of(
    st.tuples(st.just("put"), st.floats(0, 1), st.binary(min_size=1, max_size=8)),
    st.tuples(st.just("cut"), st.floats(0, 1), st.integers(1, 40)),
    st.tuples(st.just("swell"), st.floats(0, 1), st.integers(1, 40)),
)


def damaged(seed, damages):
    """Overwrite, leave out or repeat some bytes."""
    data = bytearray(seed)
    for kind, where, what in damages:
        position = int(where * len(data))
        if kind == "put":
            data[position : position + len(what)] = what
        elif kind == "cut":
            del data[position : position + what]
        else:
            data[position:position] = data[position : position + what]
    return bytes(data)


@pytest.mark.parametrize("target", TARGETS)
def test_every_seed_is_read_alike_however_it_comes(target):
    for seed in seeds_of(target):
        check(target, seed)


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=200)
@given(st.data())
def test_damage_is_read_alike_or_refused_alike(target, data):
    seed = data.draw(st.sampled_from(seeds_of(target)))
    check(target, damaged(seed, data.draw(st.lists(damage, min_size=1, max_size=4))))


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_noise_is_refused(target, noise):
    check(target, noise)


def test_every_seed_of_a_compressed_frame_decodes():
    for seed in seeds_of("pixel_stream"):
        codec, image = pixel_stream.KINDS[seed[0]]
        assert len(decode_frame(seed[1:], image, codec).samples) == pixel_stream.SIDE


def test_pydicom_reads_to_the_end_what_is_accepted():
    read = [data_set.pydicom_reads(seed) for seed in seeds_of("data_set")]
    assert sum(each is True for each in read) > 60
    assert False not in read
