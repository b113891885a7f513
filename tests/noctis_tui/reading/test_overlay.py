from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file

from archive.pixels.suv_type import SuvType
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.overlay import Whereabouts, image_text, uptake_text, voi_text
from noctis_tui.reading.placement import place
from noctis_tui.reading.rendering import render
from noctis_tui.reading.scale_bar import scale_bar
from noctis_tui.reading.viewport import OverlayLevel, ViewState


def _volume(shared_data, name, place=0):
    return sorted(file for file in (shared_data / "volumes" / name).iterdir() if file.is_file())[place]


def _labels(picture):
    found = {}
    for label in picture.labels:
        found[label.anchor] = found.get(label.anchor, "") + label.text + "\n"
    return found


@pytest.fixture
def ct(shared_data):
    return read_frame(_volume(shared_data, "ct_chest_cmb_crc", 30))


def test_the_corners_hold_what_is_looked_for_there(ct):
    labels = _labels(render(ct, ViewState(), 1000, 900, whereabouts=Whereabouts(31, 60, 2.5)))
    assert "CMB-CRC-MSB-01068" in labels["top-left"]
    assert "Im 31/60" in labels["bottom-left"]
    assert "W " in labels["bottom-left"]
    assert "T 2.5 mm" in labels["bottom-left"]
    assert "kV" in labels["bottom-right"]
    assert (labels["left"].strip(), labels["right"].strip(), labels["top"].strip()) == ("R", "L", "A")
    assert labels["bottom"].startswith("P\n")
    assert "cm" in labels["bottom"]


def test_levels(ct):
    everything, minimal, nothing = (
        _labels(render(ct, ViewState(overlay=level), 800, 700)) for level in OverlayLevel
    )
    assert "top-left" in everything
    assert set(minimal) == {"bottom-left", "left", "right", "top", "bottom"}
    assert nothing == {}


def test_letters_follow_turning_and_flipping(ct):
    turned = _labels(render(ct, ViewState().rotated(1), 800, 700))
    assert (turned["top"].strip(), turned["right"].strip()) == ("R", "A")
    flipped = _labels(render(ct, ViewState().flipped_horizontally(), 800, 700))
    assert (flipped["left"].strip(), flipped["top"].strip()) == ("L", "A")


def test_a_small_pane_keeps_the_first_lines(ct):
    labels = _labels(render(ct, ViewState(), 40, 22, line_px=2))
    assert all(text.count("\n") <= 3 for text in labels.values())
    assert all(len(line) <= 20 for text in labels.values() for line in text.splitlines())


def test_a_scale_bar_is_as_long_as_it_says(ct):
    view = ViewState(zoom=1.7)
    placement = place(ct.shape, view, 900, 800)
    bar = scale_bar(placement, ct.attributes.pixel_spacing, 900)
    column_mm = ct.attributes.pixel_spacing[1]
    first, second = placement.screen_point(0, 0), placement.screen_point(bar.length_mm / column_mm, 0)
    assert bar.length_px == pytest.approx(second[0] - first[0])
    assert 0.1 * 900 < bar.length_px <= 0.3 * 900


def test_a_scale_bar_leaves_room_for_text_beside_it(ct):
    placement = place(ct.shape, ViewState(), 312, 350)
    alone = scale_bar(placement, ct.attributes.pixel_spacing, 312)
    beside = scale_bar(placement, ct.attributes.pixel_spacing, 312, 156 - alone.length_px / 2 + 1)
    assert 0 < beside.length_mm < alone.length_mm


def test_a_detector_scale_says_so(shared_data):
    frame = read_frame(shared_data / "single" / "mg_overlay_out_of_bounds.dcm")
    assert "at detector" in _labels(render(frame, ViewState(), 800, 700))["bottom"]


def test_the_probe_marks_its_pixel(ct):
    view = ViewState(overlay=OverlayLevel.NONE, probe=(100, 200))
    marks = render(ct, view, 900, 800).overlay
    x, y = place(ct.shape, view, 900, 800).screen_point(100.5, 200.5)
    ys, xs = np.nonzero(marks)
    assert (xs.min() + xs.max()) / 2 == pytest.approx(x, abs=1)
    assert (ys.min() + ys.max()) / 2 == pytest.approx(y, abs=1)
    assert marks[int(y), int(x)] == 0


def test_a_window_is_said_with_its_name():
    from archive.pixels.voi_lut import Window

    assert voi_text(Window(-600, 1500, "LINEAR", "\x1b[31mlung")) == "W 1500 L -600 · ␛[31mlung"
    assert voi_text(Window(0.0213, 0.5)) == "W 0.5 L 0.0213"
    assert voi_text(None) == ""


def test_hostile_names_are_made_visible(ct):
    caption = replace(ct.caption, patient=("a\nb",))
    labels = _labels(render(replace(ct, caption=caption), ViewState(), 800, 700))
    assert labels["top-left"] == "a␊b\n"


def test_letters_of_a_prone_head_come_from_its_orientation(shared_data):
    frame = read_frame(_volume(shared_data, "mr_head_sag_prone_HFP"))
    orientation = frame.attributes.image_orientation_patient
    assert abs(orientation[1]) > 0.9
    assert abs(orientation[5]) > 0.9
    labels = _labels(render(frame, ViewState(), 800, 700))
    assert labels["right"][0] == ("P" if orientation[1] > 0 else "A")
    assert labels["top"][0] == ("F" if orientation[5] > 0 else "H")


def test_text_does_not_hide_what_an_ultrasound_machine_wrote():
    frame = read_frame(Path(get_testdata_file("examples_jpeg2k.dcm", download=False)))
    assert frame.image.modality == "US"
    beside_the_image = _labels(render(frame, ViewState(), 1900, 600))
    over_the_image = _labels(render(frame, ViewState(), 700, 520))
    assert {"top-left", "top-right", "bottom-left"} <= set(beside_the_image)
    assert {"top-left", "top-right"}.isdisjoint(over_the_image)
    assert "bottom-left" in over_the_image


def test_frames_tell_which_volume_they_are_of(shared_data):
    single = shared_data / "single"
    dti = read_frame(single / "enh_mr_philips_dti_32f.dcm", 5)
    assert image_text(dti, Whereabouts(10, 32)) == "Im 10/32 · b 1300"
    stacks = single / "enh_mr_stacks.dcm"
    assert image_text(read_frame(stacks, 10), Whereabouts(11, 12)) == "Im 11/12 · stack 2"
    mosaic = shared_data / "volumes/mr_mosaic_fmri/IM-0001-0002.dcm"
    assert image_text(read_frame(mosaic, 4), Whereabouts(54, 102)) == "Im 54/102 (#2) · slice 4/50"
    assert image_text(read_frame(mosaic, 0), Whereabouts(102, 102)) == "Im 102/102 (#2) · mosaic"
    slide = single / "sm_wsi_tiles.dcm"
    assert image_text(read_frame(slide, 25), Whereabouts(1, 26)) == "Im 1/26 · overview"
    assert image_text(read_frame(slide, 2), Whereabouts(4, 26)) == "Im 4/26 · tile 3/25"


def test_the_window_of_a_pet_is_told_in_uptake(shared_data):
    frame = read_frame(shared_data / "single/pt_acrin_flt_029.dcm")
    assert uptake_text(frame, ViewState()) == "SUVbw 1.8 to 34"
    assert uptake_text(frame, ViewState(suv_type=SuvType.LEAN_BODY_MASS)) == "no SUVlbm"
    assert not uptake_text(frame, ViewState(suv_type=None))
