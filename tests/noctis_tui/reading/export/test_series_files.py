"""What a series becomes: a clip that plays as the file says, in greys that hold for all of it; a volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mosaics
import nibabel
import numpy as np
import phantoms
from PIL import Image, ImageSequence

from noctis_tui.commands.target_frames import frames_of_target
from noctis_tui.reading.export.formats import Format
from noctis_tui.reading.export.run import export
from noctis_tui.reading.export.target import target_of_stack

if TYPE_CHECKING:
    from pathlib import Path


def exported(path: Path, out: Path, what: Format) -> Path:
    return export(target_of_stack(frames_of_target(str(path), path)), out, what)


def clip(path: Path, **attributes) -> Path:
    """Four frames, each twice as bright as the one before."""
    ramp = np.arange(64, dtype=np.int16).reshape(8, 8)
    frames = np.stack([ramp * factor for factor in (1, 2, 4, 8)])
    return phantoms.write_image(path, frames, Modality="XA", **attributes)


def test_every_frame_of_a_gif_is_shown_as_long_as_the_file_says(tmp_path: Path):
    path = clip(tmp_path / "xa.dcm", FrameTimeVector=[0, 100, 300, 500], FrameIncrementPointer=0x00181065)
    gif = Image.open(exported(path, tmp_path / "xa.gif", Format.GIF))
    assert [frame.info["duration"] for frame in ImageSequence.Iterator(gif)] == [100, 300, 500, 300]


def test_one_automatic_window_holds_for_all_frames(tmp_path: Path):
    path = clip(tmp_path / "xa.dcm")
    for what, white in ((Format.PNG, 255), (Format.PNG16, 65535)):
        folder = exported(path, tmp_path / what.value, what)
        brightest = [np.array(Image.open(file)).max() for file in sorted(folder.iterdir())]
        assert brightest[0] < brightest[1] < brightest[2] == white


def test_the_slices_of_a_mosaic_are_the_volume(tmp_path: Path):
    path = mosaics.written(tmp_path / "m.dcm", mosaics.COUNTED)
    volume = nibabel.load(exported(path, tmp_path / "m.nii", Format.NIFTI))
    assert np.array_equal(np.asarray(volume.dataobj), mosaics.volume().transpose(2, 1, 0))
    assert np.allclose(volume.affine[:3, 3], (6, 6, 10))
    gif = Image.open(exported(path, tmp_path / "m.gif", Format.GIF))
    assert {frame.size for frame in ImageSequence.Iterator(gif)} == {(mosaics.SIDE, mosaics.SIDE)}


def test_sixteen_bits_go_through_table_and_shutter_as_eight_do(tmp_path: Path):
    table = phantoms.Dataset()
    table.LUTDescriptor, table.LUTData = [256, 0, 8], bytes(range(255, -1, -1))
    table["LUTData"].VR = "OW"
    grey = np.arange(64, dtype=np.uint16).reshape(8, 8)
    shutter = {
        "ShutterShape": "RECTANGULAR",
        "ShutterLeftVerticalEdge": 3,
        "ShutterRightVerticalEdge": 6,
        "ShutterUpperHorizontalEdge": 3,
        "ShutterLowerHorizontalEdge": 6,
        "ShutterPresentationValue": 0x8000,
    }
    said = {"WindowCenter": 32, "WindowWidth": 64, "PresentationLUTSequence": [table]}
    path = phantoms.write_image(tmp_path / "i.dcm", grey, Modality="DX", **said, **shutter)
    eight = np.array(Image.open(exported(path, tmp_path / "8.png", Format.PNG)))
    sixteen = np.array(Image.open(exported(path, tmp_path / "16.png", Format.PNG16)))
    assert eight[0, 0] == 0x80
    assert sixteen[0, 0] == 0x8000
    assert eight[3, 3] > eight[4, 4]
    assert np.abs(sixteen / 257.0 - eight).max() <= 0.6
