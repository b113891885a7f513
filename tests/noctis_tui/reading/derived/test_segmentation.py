import numpy as np
import pytest
from derived_objects import ct_data_sets, ct_files, saved, segmentation, shown
from pydicom import dcmread

from archive.errors import NoctisError
from archive.progress import Cancelled, CancelToken
from noctis_tui.reading.derived import segmentation as module
from noctis_tui.reading.derived.part import Appearance
from noctis_tui.reading.derived.segmentation import Segmentation
from noctis_tui.reading.marks import Note, Wash


def masks_of(seed, segments, values=2):
    return np.random.default_rng(seed).integers(0, values, (4, 16, 16, segments)).astype(np.uint8)


def full(area):
    mask = np.zeros((16, 16), np.uint8)
    rows, columns = area.coverage.shape
    mask[area.top : area.top + rows, area.left : area.left + columns] = area.coverage
    return mask


def coverages(path):
    """What each segment covers of each CT slice: {(slice, segment): mask}."""
    opened = Segmentation.open(path)
    return {
        (place, area.number): full(area)
        for place, file in enumerate(ct_files())
        for area in opened.areas_on(*shown(file))
    }


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL"])
def test_overlapping_segments_lie_where_they_were_drawn(tmp_path, kind):
    masks = masks_of(1, 3)
    drawn = masks if kind == "BINARY" else masks.astype(np.float32)
    found = coverages(saved(segmentation(drawn, kind), tmp_path / "seg.dcm"))
    for place in range(4):
        for segment in range(3):
            assert np.array_equal(found[place, segment + 1], masks[place, ..., segment] * 255)


def test_fractions_keep_their_share(tmp_path):
    shares = np.linspace(0, 1, 4 * 16 * 16, dtype=np.float32).reshape(4, 16, 16, 1)
    found = coverages(saved(segmentation(shares, "FRACTIONAL"), tmp_path / "seg.dcm"))
    for place in range(4):
        assert np.abs(found[place, 1].astype(float) / 255 - shares[place, ..., 0]).max() < 0.004


def test_a_labelmap_is_told_apart(tmp_path):
    labels = np.random.default_rng(3).integers(0, 4, (4, 16, 16)).astype(np.uint8)
    found = coverages(saved(segmentation(labels, "LABELMAP"), tmp_path / "seg.dcm"))
    for place in range(4):
        for segment in (1, 2, 3):
            assert np.array_equal(found[place, segment] > 0, labels[place] == segment)


def test_a_segment_that_is_absent_from_a_slice_is_not_on_it(tmp_path):
    masks = masks_of(4, 2)
    masks[2, ..., 0] = 0
    found = coverages(saved(segmentation(masks, omit_empty_frames=True), tmp_path / "seg.dcm"))
    assert (2, 1) not in found
    assert (2, 2) in found


def test_another_series_in_the_same_planes_is_drawn_over_too(tmp_path):
    masks = masks_of(5, 1)
    opened = Segmentation.open(saved(segmentation(masks), tmp_path / "seg.dcm"))
    other = ct_data_sets()[1]
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    spacing = [float(value) for value in other.PixelSpacing]
    other.PixelSpacing = [value / 2 for value in spacing]
    # Pixels half as large: the centre of the first one lies a quarter of an old pixel nearer to the corner.
    x, y, z = (float(value) for value in other.ImagePositionPatient)
    other.ImagePositionPatient = [x - spacing[1] / 4, y - spacing[0] / 4, z]
    other.Rows = other.Columns = 32
    other.PixelData = other.PixelData * 4
    (area,) = opened.areas_on(*shown(saved(other, tmp_path / "other.dcm")))
    mask = np.zeros((32, 32), np.uint8)
    rows, columns = area.coverage.shape
    mask[area.top : area.top + rows, area.left : area.left + columns] = area.coverage
    assert np.array_equal(mask > 0, np.kron(masks[1, ..., 0], np.ones((2, 2))) > 0)


def test_another_frame_of_reference_has_nothing_to_do_with_it(tmp_path):
    opened = Segmentation.open(saved(segmentation(masks_of(6, 1)), tmp_path / "seg.dcm"))
    other = ct_data_sets()[1]
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    other.FrameOfReferenceUID = "1.2.3.5"
    assert opened.areas_on(*shown(saved(other, tmp_path / "other.dcm"))) == ()


def test_a_slice_far_from_every_frame_has_nothing(tmp_path):
    opened = Segmentation.open(saved(segmentation(masks_of(7, 1)), tmp_path / "seg.dcm"))
    other = ct_data_sets()[1]
    other.ImagePositionPatient[2] = float(other.ImagePositionPatient[2]) + 30
    assert opened.areas_on(*shown(saved(other, tmp_path / "other.dcm"))) == ()


def test_marks_have_the_recommended_colours_and_the_names(tmp_path):
    from highdicom.color import CIELabColor

    masks = np.zeros((4, 16, 16, 2), np.uint8)
    masks[:, 2:8, 2:8, 0] = masks[:, 9:14, 9:14, 1] = 1
    lab = CIELabColor.from_rgb(200, 40, 40)
    colors = [(lab.l_star, lab.a_star, lab.b_star), (50, 0, 0)]
    opened = Segmentation.open(
        saved(segmentation(masks, colors=colors, labels=["Tumour\x1b[31m", "Two"]), tmp_path / "seg.dcm")
    )
    frame, ref = shown(ct_files()[0])
    wash, *notes = opened.marks_on(frame, ref, Appearance(opacity=0.5))
    assert isinstance(wash, Wash)
    assert [int(part) for part in wash.rgba[5, 5, :3]] == pytest.approx([200, 40, 40], abs=4)
    assert wash.rgba[5, 5, 3] == 128
    assert wash.rgba[2, 5, 3] == 255  # the edge
    assert wash.rgba[0, 0, 3] == 0
    assert [note.text for note in notes if isinstance(note, Note)] == ["Tumour␛[31m", "Two"]
    hidden = opened.marks_on(frame, ref, Appearance(hidden=frozenset({1})))
    assert hidden[0].rgba[5, 5, 3] == 0


def test_reading_can_be_cancelled(tmp_path):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        Segmentation.open(saved(segmentation(masks_of(8, 1)), tmp_path / "seg.dcm"), token)


def test_too_many_frames_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FRAMES_LIMIT", 3)
    with pytest.raises(NoctisError, match="more than 3 frames"):
        Segmentation.open(saved(segmentation(masks_of(9, 1)), tmp_path / "seg.dcm"))


def test_a_claim_of_a_million_frames_costs_nothing(tmp_path):
    path = saved(segmentation(masks_of(10, 1)), tmp_path / "seg.dcm")
    ds = dcmread(path)
    ds.NumberOfFrames = 1_000_000
    ds.save_as(path)
    assert len(Segmentation.open(path)._frames) == 4


def test_pixels_that_are_cut_short_are_said_to_be(tmp_path):
    path = saved(segmentation(masks_of(11, 2)), tmp_path / "seg.dcm")
    ds = dcmread(path)
    ds.Rows = ds.Columns = 4096
    ds.save_as(path)
    opened = Segmentation.open(path)
    with pytest.raises(NoctisError, match="ends"):
        list(map(opened.areas_on, *zip(*map(shown, ct_files()), strict=True)))


@pytest.mark.shared
def test_real_segmentations_open(shared_data):
    for name, kind, segments in (
        ("seg_ct_binary.dcm", "BINARY", 1),
        ("seg_ct_overlap.dcm", "BINARY", 2),
        ("seg_ct_fractional.dcm", "FRACTIONAL", 1),
        ("seg_qiicr_headneck.dcm", "BINARY", 1),
        ("seg_labelmap_palette.dcm", "LABELMAP", 20),
    ):
        opened = Segmentation.open(shared_data / "single" / name)
        assert (opened.kind, len(opened.parts)) == (kind, segments)


@pytest.mark.shared
def test_a_real_segmentation_lies_on_its_ct(shared_data):
    opened = Segmentation.open(shared_data / "single" / "seg_ct_overlap.dcm")
    for file in ct_files():
        first, second = opened.areas_on(*shown(file))
        assert (first.top, first.left, second.top, second.left) == (4, 4, 6, 6)
