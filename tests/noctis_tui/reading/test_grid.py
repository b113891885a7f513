import pytest

from archive.errors import BadInput
from noctis_tui.reading.grid import GRIDS, Grid, grid_of


def test_every_grid_is_read_back_from_what_it_is_called():
    assert [grid_of(str(grid)) for grid in GRIDS] == list(GRIDS)
    assert len(GRIDS) == 9
    assert grid_of(" 3X2 ") == Grid(3, 2)


@pytest.mark.parametrize("text", ["", "2", "4x1", "0x2", "2x", "x2", "2×2", "2x2x2"])
def test_what_is_no_grid_is_refused(text):
    with pytest.raises(BadInput, match="from 1x1 to 3x3"):
        grid_of(text)


def test_small_panes_are_of_no_use_and_one_pane_always_is():
    assert Grid(1, 1).is_useful_in(10, 3)
    assert Grid(2, 2).is_useful_in(80, 22)
    assert not Grid(3, 3).is_useful_in(80, 22)
    assert Grid(3, 3).is_useful_in(200, 58)
    assert Grid(2, 3).pane_cells(80, 22) == (26, 11)
