"""Planes in real terminals, compared with what they should be, pixel by pixel."""

import sys
from pathlib import Path

import mpr_app
import numpy as np
import pytest
from conftest import REPOSITORY, require_program
from terminals import PROGRAMS, Terminal
from volume_phantoms import CORONAL, Grid, sphere, write_series

from noctis_tui.graphics.canvas import font_px
from noctis_tui.graphics.flattening import flatten
from noctis_tui.graphics.labels import draw_labels
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.reconstruction.plane_axes import Plane
from noctis_tui.reading.reconstruction.plane_picture import plane_picture
from noctis_tui.reading.reconstruction.plane_sampling import PlaneSampling
from noctis_tui.reading.reconstruction.state import MprState
from noctis_tui.reading.reconstruction.volume_box import VolumeBox
from noctis_tui.reading.viewport import ViewState
from noctis_tui.reading.volume_loading import load_volumes

pytestmark = pytest.mark.terminal

TOLERANCE = {"xterm": 9, "kitty": 2}
"""Grey levels: one dither step and half a percent in sixel; rounding in a shader in kitty."""
GRID = Grid((16, 40, 48), (3.0, 1.0, 1.5), CORONAL, (-30, -20, 30))


@pytest.fixture(params=["xterm", "kitty"])
def kind(request):
    require_program(request.param, *PROGRAMS)
    return request.param


def shows(terminal, wanted, at):
    rows, columns = wanted.shape[:2]

    def holds(pixels):
        seen = pixels[at[1] : at[1] + rows, at[0] : at[0] + columns].astype(int)
        return seen.shape == wanted.shape and np.abs(seen - wanted).max() <= TOLERANCE[terminal.kind]

    return holds


def test_a_plane_is_shown_as_it_is_computed_straight_and_turned(kind, tmp_path):
    near = np.add(GRID.center_mm, (9, -6, 7))
    paths = write_series(tmp_path / "ball", GRID, sphere(near, 8, 900, -400))
    (volume,) = load_volumes(paths).volumes
    sampling, state = PlaneSampling(volume), MprState.of(VolumeBox.of(volume))
    voi = read_frame(paths[len(paths) // 2], 0).voi(ViewState())
    command = [sys.executable, str(Path(mpr_app.__file__)), str(paths[0].parent)]
    with Terminal(kind, command, 80, 24, environment={"PYTHONPATH": str(REPOSITORY)}) as terminal:
        width, height = terminal.cell_px

        def reference(state, plane):
            size = 80 * width, 22 * height
            picture = plane_picture(sampling.sampled(state, plane), state, plane, voi, size, line_px=height)
            return flatten(draw_labels(picture, font_px(height))).astype(int)

        terminal.wait_until(shows(terminal, reference(state, Plane.AXIAL), (0, height)), 40)
        terminal.press("c", "Right", "Up")
        state = state.moved(Plane.CORONAL, right=1, down=-1)
        terminal.wait_until(shows(terminal, reference(state, Plane.CORONAL), (0, height)), 40)
        terminal.press("o", "Right", "Down", "Escape", "braceright")
        state = state.spun(Plane.CORONAL, 1).tilted(Plane.CORONAL, -1).with_slab_step(1)
        terminal.wait_until(shows(terminal, reference(state, Plane.CORONAL), (0, height)), 40)
        terminal.press("q")
