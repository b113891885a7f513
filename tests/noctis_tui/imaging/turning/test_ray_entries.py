"""Where rays enter, on a ramp that says it, and by compiled loops as by numpy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noctis_tui.imaging.turning import compiled_turning
from noctis_tui.imaging.turning.ray_entries import LOOKED_FURTHER, ray_entries

POINTS = compiled_turning.points
RAMP = np.broadcast_to(np.arange(100.0, dtype=np.float32)[:, None, None], (100, 6, 7)).copy()
ALONG = np.array([1.0, 0.0, 0.0])


@pytest.fixture(params=["numpy", "compiled"])
def _either(request, monkeypatch):
    if request.param == "numpy":
        monkeypatch.setattr(compiled_turning, "points", None)
    elif POINTS is None:
        pytest.skip("installed without a compiler")


def from_places(*places):
    """Rays that were said to meet something in slices, in the middle of the ramp."""
    return np.array([[place, 2.5, 3.0] for place in places]).T


@pytest.mark.usefixtures("_either")
def test_rays_enter_where_the_ramp_reaches_the_limit():
    entered = ray_entries(RAMP, from_places(40, 41, 41.5, 42), ALONG, (41.25, 1))
    assert np.allclose(entered, [1.25, 0.25, -0.25, -0.75], atol=1e-6)


@pytest.mark.usefixtures("_either")
def test_what_is_below_the_limit_is_entered_from_above():
    entered = ray_entries(RAMP, from_places(43, 42), -ALONG, (41.25, -1))
    assert np.allclose(entered, [1.75, 0.75], atol=1e-6)


@pytest.mark.usefixtures("_either")
def test_rays_begin_at_the_edge_of_the_volume_and_end_behind_it():
    assert np.array_equal(ray_entries(RAMP, from_places(0), ALONG, (-3, 1)), [-0.5])
    assert np.isnan(ray_entries(RAMP, from_places(95), ALONG, (99.5, 1))).all()


@pytest.mark.usefixtures("_either")
def test_rays_are_given_up_far_behind_the_slice_they_were_met_in():
    entered = ray_entries(RAMP, from_places(95, 98 - LOOKED_FURTHER), ALONG, (98.5, 1))
    assert np.isclose(entered[0], 3.5)
    assert np.isnan(entered[1])


@given(
    st.sampled_from([np.int16, np.uint16, np.uint8, np.float32]),
    st.tuples(*[st.integers(1, 7)] * 3),
    st.tuples(*[st.floats(-1, 1)] * 3),
    st.sampled_from([1, -1]),
    st.sampled_from([None, (20.0, 60.0, 5.0)]),
    st.integers(0, 1 << 30),
)
@settings(max_examples=80, deadline=None)
def test_compiled_loops_and_numpy_find_the_same_bits(dtype, shape, way, sign, replaced, seed):
    if POINTS is None:
        pytest.skip("installed without a compiler")
    random = np.random.default_rng(seed)
    stored = random.integers(0, 200, shape).astype(dtype)
    if dtype is np.float32 and seed % 3 == 0:
        stored[random.random(shape) < 0.3] = np.nan
    starts = random.uniform(-2, 8, (3, 5000))
    asked = stored, starts, np.array(way), (100.5, sign), replaced
    compiled_turning.points = None
    try:
        expected = ray_entries(*asked)
    finally:
        compiled_turning.points = POINTS
    assert np.array_equal(ray_entries(*asked), expected, equal_nan=True)
