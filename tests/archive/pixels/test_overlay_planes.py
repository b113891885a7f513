"""Overlay planes against bits that are known, DCMTK's rendering, and data that lies."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import numpy as np
import phantoms
import pytest
from conftest import require_program
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.uid import ExplicitVRBigEndian

from archive.pixels.frames import ImageFile

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ROWS, COLUMNS = 6, 9


def packed(bits: NDArray[np.bool_]) -> bytes:
    data = np.packbits(bits, bitorder="little").tobytes()
    return data + b"\0" * (len(data) % 2)


def add_plane(ds: Any, bits: NDArray[np.bool_], group: int = 0x6000, **about: Any) -> None:
    """Put bits [rows, columns] or [frames, rows, columns] into a group; `about` wins over what they say."""
    elements = {
        (0x10, "US"): about.get("rows", bits.shape[-2]),
        (0x11, "US"): about.get("columns", bits.shape[-1]),
        (0x15, "IS"): about.get("frames"),
        (0x40, "CS"): "G",
        (0x50, "SS"): about.get("origin", [1, 1]),
        (0x51, "US"): about.get("first_frame"),
        (0x100, "US"): 1,
        (0x102, "US"): 0,
        (0x3000, "OW"): about.get("data", packed(bits)),
    }
    for (number, vr), value in elements.items():
        if value is not None:
            ds.add_new((group << 16) | number, vr, value)


def written(path: Path, ds: Any) -> Path:
    ds.save_as(path, enforce_file_format=True)
    return path


def drawn(path: Path, frame_index: int = 0, *groups: int) -> NDArray[np.bool_] | None:
    with ImageFile.open(path) as image:
        return image.drawn_overlay(frame_index, groups or {plane.group for plane in image.overlay_planes})


@pytest.fixture
def pattern() -> NDArray[np.bool_]:
    return np.random.default_rng(7).random((ROWS, COLUMNS)) < 0.4


def test_bits_lie_where_their_pixels_are(tmp_path: Path, pattern):
    ds = phantoms.image(np.zeros((ROWS, COLUMNS), np.int16))
    add_plane(ds, pattern)
    assert np.array_equal(drawn(written(tmp_path / "i.dcm", ds)), pattern)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    row=st.integers(-12, 12), column=st.integers(-12, 12), rows=st.integers(1, 15), columns=st.integers(1, 15)
)
def test_a_plane_may_be_larger_than_the_image_and_begin_anywhere(tmp_path: Path, row, column, rows, columns):
    bits = np.random.default_rng(rows * 100 + columns).random((rows, columns)) < 0.5
    ds = phantoms.image(np.zeros((ROWS, COLUMNS), np.int16))
    add_plane(ds, bits, origin=[row, column])
    wide = np.zeros((60, 60), np.bool_)
    wide[20 + row - 1 : 20 + row - 1 + rows, 20 + column - 1 : 20 + column - 1 + columns] = bits
    expected = wide[20 : 20 + ROWS, 20 : 20 + COLUMNS]
    found = drawn(written(tmp_path / "i.dcm", ds))
    assert np.array_equal(found, expected) if expected.any() else found is None


def test_planes_in_unused_bits_and_stored_values_stay_apart(tmp_path: Path, pattern):
    values = np.random.default_rng(1).integers(-2048, 2047, (ROWS, COLUMNS), np.int16)
    words = (values & 0x0FFF) | (pattern.astype(np.int16) << 13)
    ds = phantoms.image(words.astype(np.int16), BitsStored=12, HighBit=11)
    for number, value in ((0x10, ROWS), (0x11, COLUMNS), (0x50, [1, 1]), (0x100, 16), (0x102, 13)):
        ds.add_new(0x60000000 | number, "SS" if number == 0x50 else "US", value)
    path = written(tmp_path / "i.dcm", ds)
    assert np.array_equal(drawn(path), pattern)
    with ImageFile.open(path) as image:
        assert np.array_equal(image.stored_values(0), values)


def test_big_endian_words_are_turned(tmp_path: Path, pattern):
    data = np.frombuffer(packed(pattern), np.uint16).byteswap().tobytes()
    ds = phantoms.image(np.zeros((ROWS, COLUMNS), np.uint8), TransferSyntaxUID=ExplicitVRBigEndian)
    add_plane(ds, pattern, data=data)
    assert np.array_equal(drawn(written(tmp_path / "i.dcm", ds)), pattern)


def test_frames_of_an_overlay_begin_at_their_image_frame(tmp_path: Path):
    bits = np.zeros((2, ROWS, COLUMNS), np.bool_)
    bits[0, 1, 1] = bits[1, 2, 2] = True
    ds = phantoms.image(np.zeros((4, ROWS, COLUMNS), np.int16))
    add_plane(ds, bits, frames=2, first_frame=2)
    path = written(tmp_path / "i.dcm", ds)
    assert drawn(path, 0) is None
    assert np.array_equal(drawn(path, 1), bits[0])
    assert np.array_equal(drawn(path, 2), bits[1])
    assert drawn(path, 3) is None


def test_a_plane_without_frames_holds_for_all(tmp_path: Path, pattern):
    ds = phantoms.image(np.zeros((3, ROWS, COLUMNS), np.int16))
    add_plane(ds, pattern)
    path = written(tmp_path / "i.dcm", ds)
    assert all(np.array_equal(drawn(path, frame), pattern) for frame in range(3))


def test_sixteen_groups_are_read_and_chosen_from(tmp_path: Path):
    ds = phantoms.image(np.zeros((4, 16), np.int16))
    for place in range(16):
        bits = np.zeros((4, 16), np.bool_)
        bits[:, place] = True
        add_plane(ds, bits, group=0x6000 + 2 * place)
    path = written(tmp_path / "i.dcm", ds)
    assert drawn(path).all()
    assert np.flatnonzero(drawn(path, 0, 0x601E)[0]).tolist() == [15]


@pytest.mark.parametrize(
    "lie",
    [
        {"data": b"\0\0"},
        {"rows": 0},
        {"rows": 65535, "columns": 65535},
        {"frames": 2_000_000_000, "first_frame": 1, "data": b""},
        {"origin": [-32768, 32767]},
        {"origin": [1]},
    ],
)
def test_what_lies_is_left_out_and_the_image_stays(tmp_path: Path, pattern, lie):
    ds = phantoms.image(np.ones((ROWS, COLUMNS), np.int16))
    add_plane(ds, pattern, **lie)
    path = written(tmp_path / "i.dcm", ds)
    found = drawn(path)
    assert found is None or lie.get("origin") == [1]
    with ImageFile.open(path) as image:
        assert image.stored_values(0).all()


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_dcmtk_draws_the_same_bits(shared_data: Path, tmp_path: Path, number):
    require_program("dcm2pnm")
    path = shared_data / "single/overlay_embedded_clunie.dcm"
    pictures = []
    for name, options in (("with", ["+O", str(number)]), ("without", ["-O"])):
        out = tmp_path / f"{name}.png"
        subprocess.run(["dcm2pnm", "+on", *options, path, out], check=True, timeout=60)
        pictures.append(np.asarray(Image.open(out).convert("L")))
    assert np.array_equal(drawn(path, 0, 0x6000 + 2 * (number - 1)), pictures[0] != pictures[1])


def test_a_plane_over_the_corner_of_a_mammogram_is_cut(shared_data: Path):
    with ImageFile.open(shared_data / "single/mg_overlay_out_of_bounds.dcm") as image:
        reference, target = image.overlay_planes
        assert (target.row, target.column, target.name) == (-26, -26, "First target mark")
        bits = image.drawn_overlay(0, {target.group})
        assert bits is not None
        assert bits[:75, :75].any()
        assert not bits[75:].any()
        assert reference.within(788, 1318) == (slice(703, 788), slice(408, 509))
