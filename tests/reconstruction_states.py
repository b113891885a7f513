"""States of three planes and strategies for them, for tests of reconstruction."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from volume_phantoms import AXIAL, Grid, turned

from noctis_tui.imaging.volume import Volume
from noctis_tui.reading.reconstruction.plane_axes import Plane
from noctis_tui.reading.reconstruction.state import MprState
from noctis_tui.reading.reconstruction.volume_box import VolumeBox

counts = st.integers(1, 24)
spacings = st.floats(0.2, 6.0)
planes = st.sampled_from(list(Plane))
degrees = st.floats(-180, 180)


def box_of(grid: Grid) -> VolumeBox:
    """Return the box of a phantom's grid."""
    return VolumeBox.of(Volume(np.zeros(grid.shape, np.int16), grid.index_to_patient))


@st.composite
def boxes(draw) -> VolumeBox:
    """Volumes of any size, lying anyhow."""
    orientation = turned(turned(AXIAL, (0, 0, 1), draw(degrees)), (1, 0, 0), draw(degrees))
    first = draw(st.tuples(*[st.floats(-300, 300)] * 3))
    spacing = draw(st.tuples(spacings, spacings, spacings))
    return box_of(Grid(draw(st.tuples(counts, counts, counts)), spacing, orientation, first))


@st.composite
def states(draw) -> MprState:
    """States after any turns and moves."""
    state = MprState.of(draw(boxes()))
    for turn in draw(st.lists(st.sampled_from(["spun", "tilted", "swung"]), max_size=6)):
        state = getattr(state, turn)(draw(planes), draw(degrees))
    for _ in range(draw(st.integers(0, 4))):
        state = state.moved(draw(planes), draw(st.integers(-30, 30)), draw(st.integers(-30, 30)))
    return state
