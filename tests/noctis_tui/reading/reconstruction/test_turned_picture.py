import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from volume_phantoms import Grid, sampled_volume, sphere

from archive.pixels.voi_lut import Window
from noctis_tui.imaging.patient_space import letters_of_orientation
from noctis_tui.imaging.surfaces.surface_presets import SURFACE_PRESETS
from noctis_tui.reading.reconstruction.surface_levels import SurfaceLevel, surface_levels, threshold_step
from noctis_tui.reading.reconstruction.turned_picture import direction_text, level_text, turned_picture
from noctis_tui.reading.reconstruction.turned_state import Look, TurnedState
from noctis_tui.reading.viewport import OverlayLevel, ViewState

WINDOW = Window(500, 1000, "LINEAR_EXACT")
SIZE = 240, 200


@pytest.fixture(scope="module")
def ball():
    """A ball near the patient's left, front and head."""
    grid = Grid((20, 40, 40), (2.0, 1.0, 1.0))
    return sampled_volume(grid, sphere(np.add(grid.center_mm, (12, -10, 11)), 6, 1000, -1000), units="HU")


def drawn(volume, state, view=None, **options):
    level = surface_levels(volume)[0]
    view = view or ViewState().with_overlay(OverlayLevel.NONE)
    return turned_picture(volume, state, level, view, WINDOW, volume.center_mm, SIZE, **options)


def middle(pixels):
    rows, columns = np.nonzero(pixels > 60)
    return columns.mean() - SIZE[0] / 2, rows.mean() - SIZE[1] / 2


@pytest.mark.parametrize("look", list(Look))
@pytest.mark.parametrize("draft", [False, True])
def test_things_lie_where_the_letters_say(ball, look, draft):
    front = TurnedState(look=look)
    letters = letters_of_orientation(front.orientation)
    assert (letters.left, letters.right, letters.top, letters.bottom) == ("R", "L", "H", "F")
    across, down = middle(drawn(ball, front, draft=draft).pixels)
    assert across > 10
    assert down < -10
    side = front.turned(90, 0)  # from the patient's left: the front is on the left
    assert letters_of_orientation(side.orientation).left == "A"
    across, down = middle(drawn(ball, side, draft=draft).pixels)
    assert across < -10
    assert down < -10


def test_a_picture_is_as_large_as_its_pane_and_says_what_it_is(ball):
    picture = drawn(ball, TurnedState(look=Look.SURFACE).turned(-40, 20), ViewState())
    assert picture.size_px == SIZE
    texts = {(label.anchor, label.text) for label in picture.labels}
    assert ("top-left", "Surface: Bone") in texts
    assert ("bottom-left", "from 300 HU\nfrom 40° right, 20° up") in texts
    assert picture.overlay is not None
    tiny = turned_picture(
        ball, TurnedState(), surface_levels(ball)[0], ViewState(), WINDOW, ball.center_mm, (3, 2)
    )
    assert tiny.size_px == (3, 2)


@given(st.lists(st.tuples(st.floats(-400, 400), st.floats(-400, 400)), max_size=6))
def test_turning_keeps_the_angles_in_their_ranges(turns):
    state = TurnedState()
    for right, up in turns:
        state = state.turned(right, up)
    assert 0 <= state.azimuth < 360 + 1e-9
    assert -90 <= state.elevation <= 90


def test_directions_are_said_from_the_front():
    assert direction_text(TurnedState()) == ""
    assert direction_text(TurnedState().turned(90, -30)) == "from 90° left, 30° down"
    assert direction_text(TurnedState().turned(-90, 0)) == "from 90° right"


def test_values_that_are_no_hu_have_levels_between_their_ends():
    grid = Grid((6, 20, 20))
    volume = sampled_volume(grid, sphere(grid.center_mm, 6, 800, 20))
    levels = [level.threshold for level in surface_levels(volume)]
    assert levels == sorted(levels)
    assert 20 < levels[0] < levels[-1] < 800
    assert threshold_step(volume) > 0


def test_the_tissues_are_those_of_surfaces_in_files(ball):
    shown = {(level.name.lower(), level.threshold, level.is_air) for level in surface_levels(ball)}
    assert shown == {(each.name, each.threshold_hu, each.is_air) for each in SURFACE_PRESETS.values()}


def test_of_air_only_that_in_the_body_is_seen():
    grid = Grid((30, 40, 40))
    body = sphere(grid.center_mm, 16, 0, -1000)
    hole = sphere(np.add(grid.center_mm, (5, 0, 5)), 6, -900, 0)
    volume = sampled_volume(grid, lambda points: np.minimum(body(points), hole(points)), units="HU")
    lung = next(level for level in surface_levels(volume) if level.is_air)
    state, view = TurnedState(look=Look.SURFACE), ViewState().with_overlay(OverlayLevel.NONE)
    pixels = turned_picture(volume, state, lung, view, WINDOW, volume.center_mm, SIZE).pixels
    across, down = middle(pixels)
    assert across > 10  # patient's left
    assert down < -10
    assert np.count_nonzero(pixels) < 0.1 * pixels.size
    assert level_text(volume, lung) == "below \N{MINUS SIGN}500 HU"


@given(st.floats(0, 359), st.floats(-90, 90), st.sampled_from([(240, 200), (100, 300), (400, 90)]))
@settings(max_examples=25, deadline=None)
def test_no_corner_of_the_volume_is_cut_off_from_any_direction(azimuth, elevation, size):
    volume = sampled_volume(Grid((14, 12, 20), (1.0, 1.0, 1.0)), lambda points: points[..., 0] * 0 + 1000)
    state = TurnedState(azimuth=azimuth, elevation=elevation, zoom=0.98, look=Look.SURFACE)
    view = ViewState().with_overlay(OverlayLevel.NONE)
    level = SurfaceLevel("own", 500)
    pixels = turned_picture(volume, state, level, view, WINDOW, volume.center_mm, size).pixels
    assert pixels.any()
    assert not any(edge[1:-1].any() for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))


@pytest.mark.parametrize(("units", "is_seen"), [("HU", False), ("", True)])
def test_of_ct_specks_of_noise_are_not_seen_at_rest(units, is_seen):
    grid = Grid((30, 40, 40))
    volume = sampled_volume(
        grid, lambda points_mm: np.full(points_mm.shape[:-1], 40.0), np.int16, units=units
    )
    volume.stored_values[15, 20, 20] = 700
    state, view = TurnedState(look=Look.SURFACE), ViewState().with_overlay(OverlayLevel.NONE)
    pixels = turned_picture(
        volume, state, SurfaceLevel("bone", 300), view, WINDOW, volume.center_mm, SIZE
    ).pixels
    assert pixels.any() == is_seen
