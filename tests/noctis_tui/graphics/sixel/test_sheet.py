import numpy as np

from noctis_tui.graphics.encoding.dither import Indexed
from noctis_tui.graphics.picture import Picture
from noctis_tui.graphics.sixel.sheet import SixelSheet

PALETTE = np.array([[0, 0, 0], [50, 50, 50], [100, 100, 100]], np.uint8)


def sheet(indices, percents=PALETTE):
    indices = np.array(indices, np.uint8)
    return SixelSheet(1, Picture(indices), Indexed(indices, percents), (2, 1), 0)


def test_cells_are_the_same_where_all_their_colours_are():
    one, other = sheet([[0, 1, 2, 2], [1, 1, 0, 0]]), sheet([[0, 1, 2, 1], [1, 1, 0, 0]])
    assert one.same_cells(other).tolist() == [[True, False], [True, True]]


def test_colours_count_and_not_their_numbers():
    one, other = sheet([[0, 0, 1, 1]]), sheet([[2, 2, 1, 1]], PALETTE[::-1])
    assert one.same_cells(other).tolist() == [[True, True]]
    assert sheet([[0, 0, 1, 1]], PALETTE[::-1]).same_cells(one).tolist() == [[False, True]]


def test_a_longer_palette_changes_nothing():
    one, other = sheet([[0, 1, 2, 2]]), sheet([[0, 1, 2, 3]], np.concatenate([PALETTE, [[10, 20, 30]]]))
    assert one.same_cells(other).tolist() == [[True, False]]


def test_a_little_change_is_known_before_it_is_drawn():
    one = sheet(np.zeros((4, 8)))
    changed = np.zeros((4, 8), np.uint8)
    changed[0, 0] = 9
    assert one.changed_share(Picture(changed)) == 1 / 16
    overlay = np.zeros((4, 8), np.uint8)
    overlay[:, 7] = 1
    assert one.changed_share(Picture(changed, overlay)) == 5 / 16
    assert one.changed_share(Picture(np.zeros((4, 10), np.uint8))) == 1
