import pytest

from noctis_tui.reading.derived.cielab import rgb_of


def pcs(lightness, a, b):
    return round(lightness * 655.35), round((a + 128) * 257), round((b + 128) * 257)


@pytest.mark.parametrize(
    ("lab", "rgb"),
    [
        # sRGB primaries seen under D50, as Lindbloom's calculator and every ICC profile have them
        ((54.29, 80.80, 69.89), (255, 0, 0)),
        ((87.82, -79.27, 80.99), (0, 255, 0)),
        ((29.57, 68.30, -112.03), (0, 0, 255)),
        ((53.585, 0, 0), (128, 128, 128)),
        ((0, 0, 0), (0, 0, 0)),
    ],
)
def test_known_colours(lab, rgb):
    assert rgb_of(pcs(*lab)) == pytest.approx(rgb, abs=1)


@pytest.mark.parametrize("rgb", [(255, 0, 0), (128, 128, 128), (230, 60, 200), (1, 2, 3)])
def test_colours_are_about_those_that_highdicom_writes(rgb):
    from highdicom.color import CIELabColor

    written = CIELabColor.from_rgb(*rgb).value  # through eight bits of Lab
    assert rgb_of(tuple(written)) == pytest.approx(rgb, abs=8)


def test_what_is_no_colour_has_none():
    assert rgb_of((1, 2)) is None
    assert rgb_of(()) is None
