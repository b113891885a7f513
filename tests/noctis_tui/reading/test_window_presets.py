"""The windows under 1 to 9: a person's own first, then what suits the modality."""

import numpy as np
import pytest
from phantoms import write_image

from archive.pixels.suv_type import SuvType
from noctis_tui.preferences import PresetPreference
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.window_presets import known_presets, presets_of

HARD = PresetPreference(name="Hard bone", modality="CT", center=600, width=3000)
LUNG = PresetPreference(name="LUNG", modality="CT", body_part="chest", center=-500, width=1200)
ANY = PresetPreference(name="Mine", center=5, width=10, function="SIGMOID")


def _frame(tmp_path, pixels=None, **attributes):
    if pixels is None:
        pixels = np.random.default_rng(0).integers(0, 1000, (64, 64)).astype(np.int16)
    return read_frame(write_image(tmp_path / "image.dcm", pixels, **attributes), 0)


def _names(presets):
    return [preset.name for preset in presets]


def test_a_person_s_own_come_first_where_they_fit_and_replace_those_of_their_name(tmp_path):
    frame = _frame(tmp_path)
    names = _names(presets_of(frame, "CHEST PE", (HARD, LUNG)))
    assert names[:3] == ["Hard bone", "LUNG", "Mediastinum"]
    assert "Lung" not in names
    assert _names(presets_of(frame, "HEAD", (LUNG, ANY)))[:2] == ["Mine", "Brain"]


def test_of_their_own_window_function_and_name_are_kept(tmp_path):
    (preset, *_) = presets_of(_frame(tmp_path), "", (ANY,))
    assert (preset.window.center, preset.window.width, preset.window.function) == (5, 10, "SIGMOID")
    assert preset.window.explanation == "Mine"


def test_mr_follows_the_values_without_the_air(tmp_path):
    pixels = np.zeros((100, 100), np.int16)
    pixels[20:80, 20:80] = np.linspace(400, 800, 3600).reshape(60, 60).astype(np.int16)
    presets = presets_of(_frame(tmp_path, pixels, Modality="MR"), "")
    tissue = presets[0].window
    assert tissue.center - tissue.width / 2 == pytest.approx(408, abs=8)
    assert tissue.center + tissue.width / 2 == pytest.approx(796, abs=8)
    bright = next(preset.window for preset in presets if preset.name == "Bright structures")
    assert bright.center - bright.width / 2 == pytest.approx(600, abs=8)


def test_nuclear_medicine_is_read_in_shares_of_the_peak(tmp_path):
    pixels = np.zeros((32, 32), np.uint16)
    pixels[5, 5] = 2000
    presets = presets_of(_frame(tmp_path, pixels, Modality="NM"), "")
    half = next(preset.window for preset in presets if preset.name == "0-50 % of peak")
    assert (half.center, half.width) == (500, 1000)


def test_projections_have_their_own_windows_by_name_and_variants(tmp_path):
    frame = _frame(
        tmp_path,
        Modality="DX",
        WindowCenter=["2000", "1800"],
        WindowWidth=["1000", "600"],
        WindowCenterWidthExplanation=["NORMAL", "HARDER\x1b[31m"],
    )
    presets = presets_of(frame, "")
    assert _names(presets)[0] == "NORMAL"
    assert not any("\x1b" in name for name in _names(presets))
    softer = next(preset.window for preset in presets if preset.name == "Softer")
    assert (softer.center, softer.width) == (2000, 1400)


@pytest.mark.parametrize("modality", ["CT", "MR", "PT", "NM", "DX", "US", "", "XX"])
@pytest.mark.parametrize("value", [0, 7])
def test_an_image_of_one_value_breaks_nothing(tmp_path, modality, value):
    frame = _frame(tmp_path, np.full((16, 16), value, np.int16), Modality=modality)
    for preset in presets_of(frame, ""):
        assert preset.window.width > 0


def test_colour_has_none(tmp_path):
    assert presets_of(_frame(tmp_path, np.zeros((8, 8, 3), np.uint8), Modality="US"), "", (ANY,)) == ()


def test_by_name_everything_is_known_the_frame_s_own_first(tmp_path):
    known = known_presets((LUNG,), _frame(tmp_path), "HEAD")
    assert known["lung"].window.center == -500
    assert known["angiography"].name == "Angiography"


def test_pet_is_read_in_suv_where_the_file_allows_it(shared_data):
    frame = read_frame(shared_data / "single" / "pt_acrin_flt_029.dcm", 0)
    factor = frame.attributes.standardized_uptake.factor(SuvType.BODY_WEIGHT)
    presets = presets_of(frame, "")
    assert presets[0].name == "SUV 0-5"
    assert presets[0].window.width * factor == pytest.approx(5)
    assert presets[1].window.width * factor == pytest.approx(10)
    assert _names(presets_of(frame, "", (), None))[0] == "0-100 % of peak"


def test_pet_without_a_weight_is_read_in_shares_of_the_peak(tmp_path):
    frame = _frame(tmp_path, Modality="PT", Units="BQML")
    assert _names(presets_of(frame, ""))[0] == "0-100 % of peak"
