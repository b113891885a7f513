"""The air in a body is told from the air around it, and from what was not measured."""

import numpy as np
import pytest
from volume_phantoms import Grid

from archive.progress import Cancelled, CancelToken
from noctis_tui.imaging.surfaces.air_inside import air_inside
from noctis_tui.imaging.volume import Volume

SHAPE = (12, 40, 44)
PADDING = -2000


def chest(*, gap=False, is_round=False):
    """A body with two lungs in air; padding around a round picture, or in a gap beside the body."""
    stored = np.full(SHAPE, -1000, np.int16)
    stored[:, 6:34, 6:38] = 40
    stored[:, 12:28, 10:18] = stored[:, 12:28, 26:34] = -850
    rows, columns = np.mgrid[: SHAPE[1], : SHAPE[2]]
    if is_round:
        away = np.hypot((rows - 19.5) / 19.9, (columns - 21.5) / 21.9)
        stored[:, away > 1] = PADDING
        stored[:, [0, -1]] = stored[:, :, [0, -1]] = PADDING
    if gap:
        stored[:5, :9] = PADDING
    return stored


@pytest.mark.parametrize("slope", [1.0, 2.0])
@pytest.mark.parametrize("kind", [{}, {"gap": True}, {"is_round": True}, {"gap": True, "is_round": True}])
@pytest.mark.parametrize("code", [PADDING, 3000])
def test_the_lungs_alone_are_left(kind, code, slope):
    stored = chest(**kind)
    is_lung = stored == -850
    stored[stored == PADDING] = code
    volume = Volume(
        (stored / slope).astype(np.int16),
        Grid(SHAPE).index_to_patient,
        slope,
        padding_range=(float(code), float(code)),
    )
    found = air_inside(volume, -500.0)
    assert np.array_equal(found.stored_values >= 500, is_lung)
    assert found.padding_range is None


def test_asked_to_stop_it_stops():
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        air_inside(Volume(chest(), Grid(SHAPE).index_to_patient), -500.0, token)
