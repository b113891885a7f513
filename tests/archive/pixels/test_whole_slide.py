"""Overviews of slides against the picture that was cut into tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from archive.errors import CannotDecode
from archive.pixels import whole_slide
from archive.pixels.frames import ImageFile
from archive.pixels.whole_slide import SlideOverview, open_slide

if TYPE_CHECKING:
    from pathlib import Path

ROWS, COLUMNS, TILE = 25, 34, 10


def slide() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 255, (ROWS, COLUMNS, 3), np.uint8)


def tiles_of(picture: np.ndarray) -> list[tuple[int, int, np.ndarray]]:
    padded = np.zeros((30, 40, 3), np.uint8)
    padded[:ROWS, :COLUMNS] = picture
    return [
        (row, column, padded[row : row + TILE, column : column + TILE])
        for row in range(0, ROWS, TILE)
        for column in range(0, COLUMNS, TILE)
    ]


def written(path: Path, tiles: list[tuple[int, int, np.ndarray]], *, sparse: bool, **attributes) -> Path:
    pixels = np.stack([tile for _, _, tile in tiles])
    ds = phantoms.image(pixels[0], Modality="SM")
    ds.NumberOfFrames = len(tiles)
    ds.PixelData = pixels.tobytes()
    ds.TotalPixelMatrixRows, ds.TotalPixelMatrixColumns = ROWS, COLUMNS
    ds.DimensionOrganizationType = "TILED_SPARSE" if sparse else "TILED_FULL"
    if sparse:
        ds.PerFrameFunctionalGroupsSequence = Sequence([place(row, column) for row, column, _ in tiles])
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    ds.save_as(path, enforce_file_format=True)
    return path


def place(row: int, column: int) -> Dataset:
    item, macro = Dataset(), Dataset()
    macro.RowPositionInTotalImagePixelMatrix = row + 1
    macro.ColumnPositionInTotalImagePixelMatrix = column + 1
    item.PlanePositionSlideSequence = Sequence([macro])
    return item


def overview_of(path: Path) -> SlideOverview:
    overview = open_slide(ImageFile.open(path))
    assert overview is not None
    return overview


def test_full_tiling_runs_along_rows(tmp_path: Path):
    overview = overview_of(written(tmp_path / "s.dcm", tiles_of(slide()), sparse=False))
    assert np.array_equal(overview.stored_values(), slide())
    assert overview.attributes().frame_index == 12


def test_sparse_tiles_lie_where_they_say_and_glass_is_white(tmp_path: Path):
    tiles = tiles_of(slide())
    kept = [tiles[7], tiles[2], tiles[11]]
    picture = overview_of(written(tmp_path / "s.dcm", kept, sparse=True)).stored_values()
    expected = np.full((ROWS, COLUMNS, 3), 255, np.uint8)
    for row, column, _ in kept:
        part = (slice(row, row + TILE), slice(column, column + TILE))
        expected[part] = slide()[part]
    assert np.array_equal(picture, expected)


def test_a_large_slide_is_reduced_by_averaging(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(whole_slide, "OVERVIEW_SIDE", 17)
    overview = overview_of(
        written(tmp_path / "s.dcm", tiles_of(slide()), sparse=False, PixelSpacing=[0.5, 0.25])
    )
    picture = overview.stored_values()
    assert picture.shape == (13, 17, 3)
    expected = slide()[:20].reshape(10, 2, 17, 2, 3).mean((1, 3))
    assert np.abs(picture[:10] - expected).max() <= 1
    assert overview.attributes().pixel_spacing == (1.0, 0.5)


def test_too_many_tiles_are_refused_in_a_sentence(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(whole_slide, "TILES_LIMIT", 5)
    with pytest.raises(CannotDecode, match="12 tiles"):
        overview_of(written(tmp_path / "s.dcm", tiles_of(slide()), sparse=False)).stored_values()


def test_places_that_lie_leave_nothing_to_show(tmp_path: Path):
    tiles = [(row + 1000, column, tile) for row, column, tile in tiles_of(slide())]
    with pytest.raises(CannotDecode, match="says where"):
        overview_of(written(tmp_path / "s.dcm", tiles, sparse=True)).stored_values()


def test_a_slide_of_four_thousand_million_columns_is_no_memory(tmp_path: Path):
    overview = overview_of(
        written(
            tmp_path / "s.dcm",
            tiles_of(slide()),
            sparse=False,
            TotalPixelMatrixColumns=0xFFFFFFFF,
            TotalPixelMatrixRows=0xFFFFFFFF,
        )
    )
    assert overview.stored_values().nbytes <= 3 * 2048 * 2048


@pytest.mark.parametrize("name", ["sm_wsi_tiles.dcm", "sm_wsi_jpegls.dcm"])
def test_a_real_slide(shared_data: Path, name):
    path = shared_data / "single" / name
    picture = overview_of(path).stored_values()
    tiles = pydicom.dcmread(shared_data / "single/sm_wsi_tiles.dcm").pixel_array
    expected = tiles.reshape(5, 5, 10, 10, 3).swapaxes(1, 2).reshape(50, 50, 3)
    assert np.array_equal(picture, expected)
