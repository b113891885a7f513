import random
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydicom.data import get_testdata_file

from archive.pixels.frames import ImageFile
from noctis_tui.reading.cine import clip_around
from noctis_tui.reading.frame_reading import FrameReader
from noctis_tui.reading.stack import stack_of_instances
from noctis_tui.reading.stack_geometry import StackGeometry


@dataclass(frozen=True)
class Instance:
    path: Path
    sop_instance_uid: str
    instance_number: int | None
    number_of_frames: int
    position_mm: float | None


def _instances(numbers_and_positions, frames=1):
    instances = [
        Instance(Path(f"{place}.dcm"), f"1.{place}", number, frames, position)
        for place, (number, position) in enumerate(numbers_and_positions)
    ]
    random.Random(7).shuffle(instances)
    return instances


def _numbers(stack):
    return [frame.instance_number for frame in stack.frames]


def test_distinct_positions_agreeing_with_the_numbers_open_at_number_one():
    assert _numbers(stack_of_instances(_instances([(n, 100 - 2.5 * n) for n in range(1, 9)]))) == [
        *range(1, 9)
    ]


def test_interleaved_slices_are_put_in_space():
    interleaved = _instances([(1, 0.0), (2, 6.0), (3, 3.0), (4, 9.0), (5, 12.0)])
    stack = stack_of_instances(interleaved, lambda _: None)
    assert [frame.position_mm for frame in stack.frames] == [0, 3, 6, 9, 12]
    assert stack.spacing_between_slices_mm == 3


def test_several_images_at_one_place_keep_the_order_of_acquisition():
    assert _numbers(stack_of_instances(_instances([(1, 0.0), (2, 3.0), (3, 0.0), (4, 3.0)]))) == [1, 2, 3, 4]


def test_a_localizer_is_split_by_orientation():
    axial, coronal = (1.0, 0, 0, 0, 1.0, 0), (1.0, 0, 0, 0, 0, -1.0)
    instances = _instances([(1, 5.0), (2, 1.0), (3, 4.0), (4, 2.0), (5, 0.0)])
    orientations = {"1.0": axial, "1.1": coronal, "1.2": axial, "1.3": coronal, "1.4": coronal}
    by_path = {instance.path: orientations[instance.sop_instance_uid] for instance in instances}
    assert _numbers(stack_of_instances(instances, by_path.__getitem__)) == [1, 3, 5, 2, 4]


TWO_FRAMES = Path(get_testdata_file("SC_rgb_rle_2frame.dcm", download=False))


def _claiming(frames, path=TWO_FRAMES):
    return [Instance(path, f"1.{number}", number, frames, None) for number in (1, 2)]


def test_frames_are_expanded_and_found_again():
    stack = stack_of_instances(_claiming(2))
    assert [(f.instance_number, f.frame_index) for f in stack.frames] == [
        (n, i) for n in (1, 2) for i in range(2)
    ]
    assert [stack.place_of(frame) for frame in stack.frames] == [2, 3, 2, 3]  # one file stands for both
    assert stack.clamp(-4) == 0
    assert stack.clamp(99) == 3
    assert stack.spacing_between_slices_mm is None


def test_a_header_that_claims_a_hundred_million_frames_is_not_believed():
    assert len(stack_of_instances(_claiming(10**8))) == 4


def test_a_file_that_is_gone_keeps_its_place():
    assert len(stack_of_instances(_claiming(50, Path("gone.dcm")))) == 2


@pytest.mark.parametrize("numbers", [[None, None, None], [3, None, 1]])
def test_instances_without_a_number_come_last(numbers):
    got = _numbers(stack_of_instances(_instances([(n, None) for n in numbers])))
    assert got == sorted(got, key=lambda n: (n is None, n or 0))


def test_an_empty_series_is_an_empty_stack():
    stack = stack_of_instances([])
    assert len(stack) == 0
    assert stack.clamp(3) == 0


def _instance_of(path, number=1, frames=1):
    return Instance(path, f"1.{number}", number, frames, None)


def test_a_file_of_two_stacks_shows_one_after_the_other(shared_data):
    stack = stack_of_instances([_instance_of(shared_data / "single/enh_mr_stacks.dcm", frames=12)])
    assert [frame.part for frame in stack.frames] == [0] * 9 + [1] * 3
    assert stack.spacing_between_slices_mm == pytest.approx(7.5)
    assert clip_around(stack, 10) == (9, 11)
    assert clip_around(stack, 0) == (0, 8)


def test_mosaics_are_read_slice_by_slice_and_whole_behind(shared_data):
    paths = [shared_data / f"volumes/mr_mosaic_fmri/IM-0001-000{number}.dcm" for number in (1, 2)]
    stack = stack_of_instances([_instance_of(path, number) for number, path in enumerate(paths, 1)])
    assert [(f.instance_number, f.frame_index) for f in stack.frames] == [
        *((number, 1 + tile) for number in (1, 2) for tile in range(50)),
        (1, 0),
        (2, 0),
    ]
    assert stack.spacing_between_slices_mm == pytest.approx(3.08, abs=1e-3)
    assert clip_around(stack, 60) == (50, 99)
    reader = FrameReader()
    tile, whole = reader.read(stack.frames[3]), reader.read(stack.frames[-1])
    assert (tile.stored_values.shape, whole.stored_values.shape) == ((80, 80), (640, 640))
    assert tile.plane is not None
    assert whole.plane is None  # the corner of the mosaic is no place in the patient


def test_a_slide_begins_with_its_overview(shared_data):
    path = shared_data / "single/sm_wsi_tiles.dcm"
    stack = stack_of_instances([_instance_of(path, frames=25)])
    assert [frame.frame_index for frame in stack.frames] == [25, *range(25)]
    assert FrameReader().read(stack.frames[0]).stored_values.shape == (50, 50, 3)


def test_the_pages_of_a_document_are_counted_once(tmp_path, monkeypatch):
    from noctis_tui.reading.documents import reading

    counted = []
    monkeypatch.setattr(reading, "page_count", lambda path: counted.append(path) or 3)
    path = tmp_path / "report.dcm"
    path.write_bytes(b"")
    document = SimpleNamespace(
        path=path,
        sop_class_uid="1.2.840.10008.5.1.4.1.1.104.1",
        sop_instance_uid="1.2",
        instance_number=1,
        number_of_frames=1,
        position_mm=None,
    )
    assert [len(stack_of_instances([document])) for _ in range(3)] == [3, 3, 3]
    assert counted == [path]


def test_a_file_that_fails_in_a_way_nobody_foresaw_is_one_frame(tmp_path, monkeypatch):
    def fails(_path):
        raise RuntimeError

    monkeypatch.setattr(ImageFile, "open", fails)
    path = tmp_path / "image.dcm"
    path.write_bytes(b"")
    stack = stack_of_instances([Instance(path, "1.1", 1, 5, None)])
    assert len(stack) == 1
    geometry = StackGeometry()
    geometry.read(stack)
    assert geometry.known(stack) == (None,)
