from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import phantoms
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from archive.pixels.frames import ImageFile
from archive.pixels.shutter import Shutter

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = (10, 12)


def shutter_of(tmp_path: Path, frame_index: int = 0, frames: int = 1, **attributes) -> Shutter | None:
    pixels = np.zeros((frames, *SHAPE) if frames > 1 else SHAPE, np.uint8)
    with ImageFile.open(phantoms.write_image(tmp_path / "i.dcm", pixels, **attributes)) as image:
        return image.frame_attributes(frame_index).shutter


def rectangle(left: int, right: int, upper: int, lower: int) -> dict[str, object]:
    return {
        "ShutterShape": "RECTANGULAR",
        "ShutterLeftVerticalEdge": left,
        "ShutterRightVerticalEdge": right,
        "ShutterUpperHorizontalEdge": upper,
        "ShutterLowerHorizontalEdge": lower,
    }


def test_edges_are_counted_from_one_and_stay_visible(tmp_path: Path):
    shutter = shutter_of(tmp_path, **rectangle(3, 8, 2, 5), ShutterPresentationValue=0x8000)
    expected = np.zeros(SHAPE, bool)
    expected[1:5, 2:8] = True
    assert np.array_equal(shutter.visible(SHAPE), expected)
    assert shutter.display_value == 128


def test_a_circle_is_round_in_the_patient(tmp_path: Path):
    shutter = shutter_of(
        tmp_path, ShutterShape="CIRCULAR", CenterOfCircularShutter=[5, 6], RadiusOfCircularShutter=3
    )
    square = shutter.visible(SHAPE)
    assert (square[4, 2:9].all(), square[4, 1], square[4, 9]) == (True, False, False)
    assert (square[1:8, 5].all(), square[0, 5], square[8, 5]) == (True, False, False)
    tall = shutter.visible(SHAPE, (3.0, 1.0))  # pixels three times as high as wide
    assert (tall[3:6, 5].all(), tall[2, 5], tall[6, 5]) == (True, False, False)
    assert np.array_equal(tall[4], square[4])


def test_a_polygon_is_closed_by_itself(tmp_path: Path):
    shutter = shutter_of(
        tmp_path, ShutterShape="POLYGONAL", VerticesOfThePolygonalShutter=[1, 1, 1, 12, 10, 1]
    )
    visible = shutter.visible(SHAPE)
    assert visible[0].all()
    assert visible[:, 0].all()
    assert not visible[9, 2:].any()
    assert not visible[6, 8]


def test_of_several_shapes_the_least_stays(tmp_path: Path):
    both = rectangle(1, 6, 1, 10) | {
        "ShutterShape": ["RECTANGULAR", "CIRCULAR"],
        "CenterOfCircularShutter": [5, 6],
        "RadiusOfCircularShutter": 3,
    }
    visible = shutter_of(tmp_path, **both).visible(SHAPE)
    assert visible[4, 2:6].all()
    assert not visible[4, 6:].any()
    assert not visible[4, :2].any()


def test_bits_of_a_bitmap_hide():
    bitmap = np.zeros(SHAPE, bool)
    bitmap[3, 4] = True
    visible = Shutter(overlay_group=0x6002).visible(SHAPE, bitmap=bitmap)
    assert np.argwhere(~visible).tolist() == [[3, 4]]


def test_a_frame_has_its_own(tmp_path: Path):
    frames = []
    for left in (1, 7):
        item, macro = Dataset(), Dataset()
        for keyword, value in rectangle(left, 12, 1, 10).items():
            setattr(macro, keyword, value)
        item.FrameDisplayShutterSequence = Sequence([macro])
        frames.append(item)
    shutter = shutter_of(tmp_path, 1, 2, PerFrameFunctionalGroupsSequence=Sequence(frames))
    assert shutter.visible(SHAPE)[0].tolist() == [False] * 6 + [True] * 6


@pytest.mark.parametrize(
    "attributes",
    [
        {"ShutterShape": "RECTANGULAR"},
        {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [5, 6]},
        {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [5, 6], "RadiusOfCircularShutter": -1},
        {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": [1, 1, 5, 5]},
        rectangle(8, 3, 2, 5),
        {"ShutterLeftVerticalEdge": 5},
    ],
)
def test_a_shape_without_its_numbers_hides_nothing(tmp_path: Path, attributes):
    assert shutter_of(tmp_path, **attributes) is None


def test_coordinates_far_away_cost_nothing():
    far = 1 << 15
    shutter = Shutter(
        rectangle=(-far, -far, far, far), polygon=((-far, -far), (-far, far), (far, far), (far, -far))
    )
    assert shutter.visible(SHAPE).all()
