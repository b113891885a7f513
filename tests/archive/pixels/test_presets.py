from __future__ import annotations

import pytest

from archive.pixels.presets import ALL, BRAIN, MEDIASTINUM, SOFT_TISSUE, find_preset, presets_for


@pytest.mark.parametrize(
    ("body_part", "first"),
    [
        ("HEAD", BRAIN),
        ("CHEST", MEDIASTINUM),
        ("ABDOMEN", SOFT_TISSUE),
        ("", SOFT_TISSUE),
        ("knee", SOFT_TISSUE),
    ],
)
def test_the_likeliest_comes_first(body_part: str, first):
    presets = presets_for("CT", body_part)
    assert presets[0] == first
    assert 0 < len(presets) <= 9
    assert len({preset.name for preset in presets}) == len(presets)


def test_other_modalities_have_no_common_scale():
    assert presets_for("MR", "HEAD") == ()


def test_every_preset_is_found_by_its_name():
    for preset in ALL:
        assert find_preset(f" {preset.name.upper()}") == preset
    assert find_preset("nothing") is None
