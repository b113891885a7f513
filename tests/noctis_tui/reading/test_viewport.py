from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.reading.viewport import OverlayLevel, ViewState

views = st.builds(ViewState, quarter_turns=st.integers(0, 3), mirrored=st.booleans())


def test_a_state_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        ViewState().zoom = 2


@given(views)
def test_what_undoes_itself(view):
    assert view.rotated(1).rotated(-1) == view
    assert view.rotated(2).rotated(2) == view
    assert view.flipped_horizontally().flipped_horizontally() == view
    assert view.flipped_vertically().flipped_vertically() == view
    assert view.flipped_horizontally().flipped_vertically() == view.rotated(2)
    assert view.with_inversion_toggled().with_inversion_toggled() == view


@given(st.lists(st.floats(0.01, 100), max_size=30))
def test_zoom_stays_within_its_limits(factors):
    view = ViewState()
    for factor in factors:
        view = view.zoomed_by(factor)
    assert 0.1 <= view.zoom <= 64


def test_panning_never_loses_the_image():
    assert ViewState().centered_at(-3, 7).center == (0, 1)


def test_overlays_go_round():
    view = ViewState()
    seen = [view.overlay]
    for _ in range(3):
        view = view.with_next_overlay()
        seen.append(view.overlay)
    assert seen == [OverlayLevel.ALL, OverlayLevel.MINIMAL, OverlayLevel.NONE, OverlayLevel.ALL]


def test_reset_keeps_only_the_overlay():
    view = ViewState(zoom=3, quarter_turns=1, inverted=True, overlay=OverlayLevel.NONE, probe=(1, 1))
    assert view.reset() == ViewState(overlay=OverlayLevel.NONE)
