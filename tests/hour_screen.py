"""The screen of a technician's hour: greys of known tissues, colours of what is drawn over them."""

from __future__ import annotations

from noctis_tui.graphics.picture import OVERLAY_COLORS

CYST, LIVER = (76, 129), (76, 108)
"""Pixels (column, row) of slice 26 inside of the cyst (0 HU) and of the liver (105 HU)."""


def grey_at(pixels, place, zoom=1.0, size=(960, 578), top=17):
    """Return the mean grey about an image pixel of 288 x 288 ones that are fitted and enlarged by `zoom`."""
    scale = zoom * size[1] / 288
    x, y = (round(extent / 2 + (at + 0.5 - 144) * scale) for at, extent in zip(place, size, strict=True))
    return float(pixels[top + y - 4 : top + y + 5, x - 4 : x + 5].mean())


def grey_of(value, center, width):
    """Return what PS3.3 C.11.2.1.2 shows of a value."""
    return 255 * min(max((value - (center - 0.5)) / (width - 1) + 0.5, 0), 1)


def windowed(pixels, center, width, zoom=1.0):
    """Tell whether cyst and liver have the greys of a window."""
    wanted = [(CYST, grey_of(0, center, width)), (LIVER, grey_of(105, center, width))]
    return all(abs(grey_at(pixels, place, zoom) - grey) < 5 for place, grey in wanted)


def colored(pixels, index, by=12):
    """Return which pixels have an overlay's colour, bool [rows, columns]."""
    return (abs(pixels.astype(int) - OVERLAY_COLORS[index - 1]) <= by).all(axis=2)


def inside(pixels):
    """Return the middle of the pane, without the text of its corners."""
    return pixels[120:400, 260:700].astype(int)


def is_softer(pixels, before):
    contrast, contrast_before = (grey_at(each, LIVER) - grey_at(each, CYST) for each in (pixels, before))
    return 0 < contrast < 0.95 * contrast_before and grey_at(pixels, CYST) > grey_at(before, CYST) + 10


def is_inverted(pixels, before):
    return all(abs(grey_at(pixels, place) + grey_at(before, place) - 255) < 5 for place in (CYST, LIVER))


def grain(pixels):
    """Return how much the liver's pixels differ from each other."""
    return float(pixels[250:270, 300:320].astype(float).std())


def redness(pixels):
    return float(pixels[240:260, 330:350, 0].mean()) - float(pixels[240:260, 330:350, 2].mean())


PX_PER_MM = 272 / (128 * 2.5)
"""Of the coronal pane: 16 lines of 17 pixels hold 128 slices of 2.5 mm."""


def reference_lines(pixels):
    """Return how much of each row of the coronal pane has the colour of reference lines."""
    return colored(pixels[34:306, 484:], 4, 40).sum(axis=1)


def has_grown(pixels):
    """Tell whether 9 mm from the middle of the cyst there is water now, and liver a year before."""
    half = {"size": (472, 561), "top": 34, "zoom": 472 / 561}
    now, then = (grey_at(side, (76, 122), **half) for side in (pixels, pixels[:, 488:]))
    return now < grey_of(20, 50, 400) and then > grey_of(90, 50, 400)
