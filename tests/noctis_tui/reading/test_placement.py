import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from noctis_tui.reading.placement import ImageShape, place, zoom_for_scale
from noctis_tui.reading.viewport import ViewState

shapes = st.builds(
    ImageShape, st.integers(1, 3000), st.integers(1, 3000), st.floats(0.1, 1.9), st.floats(0.1, 1.9)
)
views = st.builds(
    ViewState,
    zoom=st.floats(0.1, 64),
    center=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    quarter_turns=st.integers(0, 3),
    mirrored=st.booleans(),
)
panes = st.tuples(st.integers(1, 3000), st.integers(1, 3000))


@given(shapes, views, panes, st.floats(-1, 2), st.floats(-1, 2))
def test_the_way_back_is_the_inverse(shape, view, pane, u, v):
    placement = place(shape, view, *pane)
    point = (u * shape.columns, v * shape.rows)
    back = placement.image_point(*placement.screen_point(*point))
    assert back == pytest.approx(point, abs=1e-6 * max(shape.rows, shape.columns))


@given(shapes, views, panes, st.floats(0, 0.999), st.floats(0, 0.999))
def test_the_middle_of_an_image_pixel_is_that_pixel(shape, view, pane, u, v):
    placement = place(shape, view, *pane)
    pixel = int(u * shape.columns), int(v * shape.rows)
    screen = placement.screen_point(pixel[0] + 0.5, pixel[1] + 0.5)
    assert placement.image_pixel(*screen) == pixel


@given(shapes, panes, st.integers(0, 3), st.booleans())
def test_a_fitted_image_touches_two_sides_and_leaves_none(shape, pane, turns, mirrored):
    left, top, right, bottom = place(
        shape, ViewState(quarter_turns=turns, mirrored=mirrored), *pane
    ).screen_box()
    width, height = right - left, bottom - top
    assert width == pytest.approx(pane[0]) or height == pytest.approx(pane[1])
    assert width <= pane[0] + 1e-6
    assert height <= pane[1] + 1e-6
    # Centred to the pixel: the corner is on a whole one.
    assert abs(left - (pane[0] - width) / 2) <= 0.5 + 1e-6
    assert left == pytest.approx(round(left), abs=1e-6)
    assert top == pytest.approx(round(top), abs=1e-6)


@given(shapes, panes)
def test_pixels_that_are_not_square_keep_their_shape(shape, pane):
    placement = place(shape, ViewState(), *pane)
    assert placement.yy / placement.xx == pytest.approx(shape.pixel_height / shape.pixel_width)
    assert placement.scale == pytest.approx(min(placement.xx, placement.yy))


def test_an_absurd_aspect_is_not_believed():
    placement = place(ImageShape(100, 100, 1e9, 1e-9), ViewState(), 200, 200)
    assert placement.xx == placement.yy == 2


@given(shapes, panes, st.integers(0, 3))
def test_zoom_for_scale(shape, pane, turns):
    view = ViewState(quarter_turns=turns)
    zoom = zoom_for_scale(shape, view, *pane)
    assume(0.1 <= zoom <= 64)
    assert place(shape, view.zoomed_by(zoom), *pane).scale == pytest.approx(1)


@given(shapes, views, panes)
def test_flipping_mirrors_the_screen(shape, view, pane):
    before, after = place(shape, view, *pane), place(shape, view.flipped_horizontally(), *pane)
    vertical = place(shape, view.flipped_vertically(), *pane)
    assert (after.xx, after.xy) == pytest.approx((-before.xx, -before.xy))
    assert (after.yx, after.yy) == pytest.approx((before.yx, before.yy))
    assert (vertical.xx, vertical.yy, vertical.yx) == pytest.approx((before.xx, -before.yy, -before.yx))


@given(shapes, views, panes)
def test_turning_right_moves_the_right_edge_to_the_bottom(shape, view, pane):
    before, after = place(shape, view, *pane), place(shape, view.rotated(1), *pane)
    ratio = after.scale / before.scale
    assert (after.xx, after.xy) == pytest.approx((-before.yx * ratio, -before.yy * ratio))
    assert (after.yx, after.yy) == pytest.approx((before.xx * ratio, before.xy * ratio))
