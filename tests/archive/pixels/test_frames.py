from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file

from archive.errors import BadInput, CannotDecode, NotAnImage, NotFound
from archive.pixels.frames import ImageFile


def bundled(name: str) -> Path:
    found = get_testdata_file(name, download=False)
    if found is None:
        pytest.skip(f"this pydicom does not bundle {name}")
    return Path(found)


def test_a_plain_ct_opens_with_its_attributes():
    with ImageFile.open(bundled("CT_small.dcm")) as image:
        assert (image.attributes.rows, image.attributes.columns, image.frame_count) == (128, 128, 1)
        frame = image.frame_attributes(0)
        assert frame.pixel_spacing == pytest.approx((0.661468, 0.661468))
        assert frame.units == "HU"
        assert frame.image_position_patient == pytest.approx((-158.135803, -179.035797, -75.699997))
        stored = image.stored_values(0)
    assert stored.dtype == np.int16
    np.testing.assert_array_equal(stored, pydicom.dcmread(bundled("CT_small.dcm")).pixel_array)


def test_frames_are_read_from_many_threads_and_while_the_image_closes():
    path = bundled("SC_rgb_rle_2frame.dcm")
    image = ImageFile.open(path)
    expected = [image.stored_values(index) for index in range(2)]
    with ThreadPoolExecutor(4) as pool:
        frames = list(pool.map(image.stored_values, [0, 1] * 20))
        under_way = [pool.submit(image.stored_values, 0) for _ in range(50)]
        image.close()
        for future in under_way:
            if future.exception() is None:
                frames.append(future.result())
            else:
                assert isinstance(future.exception(), CannotDecode)
    for index, frame in enumerate(frames[:40]):
        np.testing.assert_array_equal(frame, expected[index % 2])


def test_a_closed_image_holds_no_file_and_reads_no_frames():
    before = len(list(Path("/proc/self/fd").iterdir()))
    image = ImageFile.open(bundled("CT_small.dcm"))
    image.close()
    image.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    with pytest.raises(CannotDecode, match="closed"):
        image.stored_values(0)


def test_a_frame_that_is_not_there_is_refused():
    with ImageFile.open(bundled("CT_small.dcm")) as image, pytest.raises(BadInput, match="no frame 2"):
        image.stored_values(1)


def test_a_truncated_frame_is_refused():
    with (
        ImageFile.open(bundled("MR_truncated.dcm")) as image,
        pytest.raises(CannotDecode, match="ends 62 bytes"),
    ):
        image.stored_values(0)


@pytest.mark.parametrize("content", [b"", b"x" * 131, b"\0" * 132, b"\0" * 128 + b"DICM", b"GIF89a" * 50])
def test_what_is_not_dicom_is_not_an_image(tmp_path: Path, content: bytes):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(NotAnImage):
        ImageFile.open(path)


def test_a_folder_a_fifo_and_nothing_are_refused(tmp_path: Path):
    import os

    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "fifo"):
        with pytest.raises(CannotDecode):
            ImageFile.open(path)
    with pytest.raises(NotFound):
        ImageFile.open(tmp_path / "absent")


def test_the_attributes_of_a_few_thousand_frames_are_kept_and_no_more(monkeypatch):
    monkeypatch.setattr("archive.pixels.frames.KNOWN_FRAMES", 3)
    with ImageFile.open(bundled("rtdose.dcm")) as image:
        assert image.frame_count > 10
        first = image.frame_attributes(0)
        assert image.frame_attributes(0) is first
        for frame_index in range(10):
            assert image.frame_attributes(frame_index).frame_index == frame_index
        assert len(image._frame_attributes) == 3
        assert image.frame_attributes(0) == first
