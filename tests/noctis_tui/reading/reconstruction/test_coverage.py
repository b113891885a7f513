import numpy as np
import pytest
from volume_phantoms import AXIAL, Grid, index_ramp, write_series

from noctis_tui.reading.reconstruction.coverage import coverage_of
from noctis_tui.reading.volume_loading import load_volume, plan_volumes


@pytest.mark.parametrize("drift_mm", [(0.0, 1.5), (-0.7, 0.0), (0.4, -1.0)])
def test_voxels_that_come_from_pixels_are_covered_and_no_others(tmp_path, drift_mm):
    grid = Grid((8, 20, 24), (3, 1, 0.7), AXIAL, (-5, 6, 7), drift_mm=drift_mm)
    plan = plan_volumes(write_series(tmp_path / "ct", grid, index_ramp(grid)))
    volume = load_volume(plan)
    coverage = coverage_of(plan.volumes[0], volume)
    assert coverage is not None
    points = np.stack(np.indices(volume.shape), -1) @ volume.index_to_patient[:3, :3].T
    points += volume.index_to_patient[:3, 3] - grid.index_to_patient[:3, 3]
    index = points @ np.linalg.inv(grid.index_to_patient[:3, :3]).T
    inside = ((index > -1e-5) & (index < np.array(grid.shape) - 1 + 1e-5)).all(-1)
    np.testing.assert_array_equal(coverage.stored_values == 1, inside)
    assert not inside.all()


def test_a_straight_stack_is_covered_everywhere(tmp_path):
    grid = Grid((5, 6, 7))
    plan = plan_volumes(write_series(tmp_path / "ct", grid, index_ramp(grid)))
    assert coverage_of(plan.volumes[0], load_volume(plan)) is None
