"""Where frames lie is told of a stack as of a frame that is loaded: for slices that are made, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mosaics

from noctis_tui.commands.target_frames import frames_of_target
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.stack_geometry import StackGeometry, slice_of

if TYPE_CHECKING:
    from pathlib import Path


def test_slices_of_a_mosaic_lie_where_they_are_drawn(tmp_path: Path):
    path = mosaics.written(tmp_path / "m.dcm", mosaics.COUNTED, FrameOfReferenceUID="1.2.3")
    stack = frames_of_target(str(path), tmp_path)
    geometry = StackGeometry()
    geometry.read(stack)
    places = geometry.known(stack)
    assert places == tuple(slice_of(read_frame(ref.path, ref.frame_index)) for ref in stack.frames)
    assert [place and place.plane.position_mm[2] for place in places] == [10, 14, 18, 22, 26, 30, 34, None]
    assert (places[0].rows, places[0].columns) == (mosaics.SIDE, mosaics.SIDE)
