from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pytest

from archive.storage.layout import Layout
from archive.storage.thumbnails import thumbnail

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "archive")
    layout.create()
    return layout


def kept_in(layout: Layout) -> list[Path]:
    return [path for path in layout.thumbnails.rglob("*") if path.is_file()]


def ramp(rows: int, columns: int) -> np.ndarray:
    return np.linspace(0, 255, rows * columns).astype(np.uint8).reshape(rows, columns)


def test_the_longer_side_is_reduced_and_pixels_become_square(tmp_path: Path):
    path = phantoms.write_image(tmp_path / "i.dcm", ramp(200, 300), PixelSpacing=[2.0, 1.0])
    assert thumbnail(None, path).shape == (128, 96)


def test_a_thumbnail_is_kept_and_read_again(tmp_path: Path, layout: Layout):
    path = phantoms.write_image(tmp_path / "i.dcm", ramp(200, 300))
    first = thumbnail(layout, path)
    assert len(kept_in(layout)) == 1
    assert kept_in(layout)[0].stat().st_mode & 0o077 == 0
    np.testing.assert_array_equal(thumbnail(layout, path), first)


def test_a_kept_thumbnail_is_not_drawn_again(tmp_path: Path, layout: Layout):
    path = phantoms.write_image(tmp_path / "i.dcm", ramp(200, 300))
    thumbnail(layout, path)
    status = path.stat()
    path.write_bytes(bytes(status.st_size))  # what it was drawn from is gone, its identity is not
    import os

    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert thumbnail(layout, path).max() > 200


def test_a_damaged_thumbnail_is_drawn_again(tmp_path: Path, layout: Layout):
    path = phantoms.write_image(tmp_path / "i.dcm", ramp(200, 300))
    first = thumbnail(layout, path)
    kept_in(layout)[0].write_bytes(b"not a picture")
    np.testing.assert_array_equal(thumbnail(layout, path), first)


def test_color_stays_color(tmp_path: Path, layout: Layout):
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[..., 0] = 250
    path = phantoms.write_image(tmp_path / "i.dcm", pixels)
    for _ in range(2):
        assert tuple(thumbnail(layout, path)[10, 10]) == (250, 0, 0)


def test_the_middle_frame_stands_for_a_clip(tmp_path: Path):
    frames = np.stack([np.full((8, 8), value, np.uint8) for value in (0, 128, 255)])
    path = phantoms.write_image(tmp_path / "i.dcm", frames)
    assert thumbnail(None, path)[0, 0] == 128


@pytest.mark.parametrize("content", [b"", b"no picture" * 30])
def test_what_cannot_be_shown_is_none(tmp_path: Path, layout: Layout, content: bytes):
    path = tmp_path / "i.dcm"
    path.write_bytes(content)
    assert thumbnail(layout, path) is None
    assert thumbnail(layout, tmp_path / "absent") is None
    assert kept_in(layout) == []


def test_an_archive_that_cannot_be_written_still_shows(tmp_path: Path, layout: Layout):
    path = phantoms.write_image(tmp_path / "i.dcm", ramp(20, 30))
    layout.thumbnails.rmdir()
    layout.thumbnails.write_text("in the way")
    assert thumbnail(layout, path).shape == (20, 30)
