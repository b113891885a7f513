import numpy as np
import pytest
from cell_screen import psnr, shown
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from noctis_tui.graphics.cells.canvas import cell_rows
from noctis_tui.graphics.picture import OVERLAY_COLORS, Picture
from noctis_tui.graphics.terminal.cell_shapes import AVOIDED_OCTANTS, CHARACTERS, GRIDS, SHAPES
from noctis_tui.graphics.terminal.cell_terminals import Cells

CELL = (4, 8)


def screen(picture, shapes, colors="true", cell_px=CELL):
    """What a terminal shows, RGB of each block."""
    return shown([row.ansi for row in cell_rows(picture, cell_px, Cells(shapes, colors))], shapes)


def fine(seen, shapes):
    """The same in blocks of 12 x 12 to a cell, in which every shape is whole."""
    across, down = GRIDS[shapes]
    return seen.repeat(12 // across, axis=1).repeat(12 // down, axis=0)


def phantom(columns=60, rows=30):
    """An off-centre disc with soft edges, a bright ring and a ramp behind, in fine pixels."""
    y, x = np.mgrid[: rows * 8, : columns * 4].astype(float)
    radius = np.hypot(x - columns * 1.9, y - rows * 4.2)
    disc = 150 / (1 + np.exp((radius - columns * 1.3) / 2))
    ring = 90 * np.exp(-(((radius - columns * 1.55) / 4) ** 2))
    return np.clip(disc + ring + x * 0.15 + 10 * np.sin(y / 9), 0, 255).astype(np.uint8)


@given(
    arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 9), st.just(3))),
)
@settings(max_examples=40, deadline=None)
def test_every_pixel_is_half_a_cell_where_there_are_only_halves(pixels):
    seen = screen(Picture(pixels), "halves", cell_px=(1, 2))
    assert (seen[: len(pixels)] == pixels).all()


@pytest.mark.parametrize("shapes", SHAPES)
def test_two_colours_and_a_shape_are_shown_exactly(shapes):
    across, down = GRIDS[shapes]
    blocks = np.random.default_rng(5).choice(np.array([30, 201], np.uint8), (6 * down, 9 * across))
    for cell in ((across, down), (4 * across, 6 * down)):
        pixels = blocks.repeat(cell[0] // across, axis=1).repeat(cell[1] // down, axis=0)
        assert (screen(Picture(pixels), shapes, cell_px=cell)[..., 0] == blocks).all()


def test_finer_shapes_come_nearer():
    pixels = phantom()
    wanted = np.repeat(pixels[..., None], 3, axis=2).repeat(3, axis=0).repeat(3, axis=1)
    wanted = wanted.reshape(30, 24, 60, 12, 3)
    values = []
    for shapes in SHAPES:
        seen = fine(screen(Picture(pixels), shapes), shapes).reshape(30, 12, 60, 12, 3).repeat(2, axis=1)
        values.append(psnr(seen, wanted))
    assert values == sorted(values)
    assert values[1] > values[0] + 0.5
    assert values[3] > values[1] + 0.5


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize(("colors", "tolerance"), [("true", 1), ("256", 2.5), ("8", 9), ("none", 12)])
def test_a_ramp_has_no_bands(shapes, colors, tolerance):
    ramp = np.repeat(np.linspace(0, 255, 4 * 128)[None], 8 * 16, axis=0).astype(np.uint8)
    if colors == "none":
        lines = [row.ansi for row in cell_rows(Picture(ramp), CELL, Cells(shapes, colors))]
        assert not any("\x1b" in line for line in lines)
    seen = screen(Picture(ramp), shapes, colors)[..., 0].astype(float)
    patches = seen.reshape(seen.shape[0], 16, -1).mean(axis=(0, 2))
    wanted = ramp.astype(float).reshape(ramp.shape[0], 16, -1).mean(axis=(0, 2))
    assert np.abs(patches - wanted).max() < tolerance


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("colors", ["true", "256", "8"])
@given(st.integers(0, 79), st.integers(0, 95), st.sampled_from([2, 3, 7]))
@settings(max_examples=8, deadline=None)
def test_thin_lines_stay_whole(shapes, colors, x, y, index):
    overlay = np.zeros((96, 80), np.uint8)
    overlay[:, x] = index
    overlay[y] = index
    seen = screen(Picture(np.full((96, 80), 120, np.uint8), overlay), shapes, colors)
    across, down = GRIDS[shapes]
    x, y = (2 * x + 1) * across // 8, (2 * y + 1) * down // 16
    column, row = seen[:, x], seen[y]
    away = seen[(y + 3 * down) % len(seen), (x + 3 * across) % len(seen[0])]
    assert (column == column[0]).all()
    assert (row == column[0]).all()
    assert (column[0] != away).any()
    if colors == "true":
        assert tuple(column[0]) == OVERLAY_COLORS[index - 1]


def test_where_two_lines_cross_both_are_seen():
    overlay = np.full((8, 4), 2, np.uint8)
    overlay[:4] = 3
    seen = screen(Picture(np.full((8, 4), 9, np.uint8), overlay), "octants")
    assert {tuple(color) for color in seen.reshape(-1, 3)} == {OVERLAY_COLORS[1], OVERLAY_COLORS[2]}


def test_lines_in_one_ink_lie_on_dark():
    overlay = np.zeros((80, 80), np.uint8)
    overlay[:, 40] = 2
    seen = screen(Picture(np.full((80, 80), 250, np.uint8), overlay), "quadrants", "none")
    assert (seen[:, 20] == 255).all()
    assert (seen[:, 21] == 0).all()


@pytest.mark.parametrize("shapes", SHAPES)
def test_a_circle_stays_round_in_any_cell(shapes):
    for cell in ((4, 8), (6, 13), (8, 17), (1, 2)):
        y, x = np.mgrid[: 40 * cell[1], : 80 * cell[0]]
        disc = np.hypot(x - 40 * cell[0], y - 20 * cell[1]) < 30 * cell[0]
        seen = screen(Picture(np.where(disc, 255, 0).astype(np.uint8)), shapes, cell_px=cell)[..., 0] > 127
        across, down = GRIDS[shapes]
        wide = seen.any(axis=0).sum() * cell[0] / across
        high = seen.any(axis=1).sum() * cell[1] / down
        assert abs(wide - high) <= cell[1] / down + cell[0] / across


@given(
    arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))),
    st.sampled_from(SHAPES),
    st.sampled_from(["true", "256", "16", "8", "none"]),
)
@settings(max_examples=40, deadline=None)
def test_any_size_is_shown(pixels, shapes, colors):
    rows = cell_rows(Picture(pixels), CELL, Cells(shapes, colors))
    assert len(rows) == -(-pixels.shape[0] // 8)
    assert {len(row) for row in rows} == {-(-pixels.shape[1] // 4)}


def test_nothing_bright_ends_at_the_lower_edge_of_a_cell():
    """Characters from a font end above it, and the background's dark line would show."""
    pixels = np.zeros((8, 24), np.uint8)
    pixels[4:, :4] = pixels[:4, 8:12] = pixels[:, 16:18] = 200
    row = cell_rows(Picture(pixels), CELL, Cells("quadrants"))[0]
    assert (row.letters[0], row.front[0], row.back[0]) == ("▀", 0, 0xC8C8C8)
    assert (row.letters[2], row.front[2], row.back[2]) == ("▀", 0xC8C8C8, 0)
    assert (row.letters[4], row.front[4]) == ("▌", 0xC8C8C8)


def test_octants_that_terminals_leave_out_are_drawn_by_what_is_around_them():
    blocks = np.zeros((4, 2 * 4), np.uint8)
    blocks[0, 0] = blocks[0, 3] = blocks[3, 4] = blocks[3, 7] = 220
    (row,) = cell_rows(Picture(blocks.repeat(2, axis=0).repeat(2, axis=1)), CELL, Cells("octants"))
    assert not set(row.letters) & {CHARACTERS["octants"][mask] for mask in AVOIDED_OCTANTS}
    assert (shown([row.ansi], "octants")[..., 0] == blocks).all()
