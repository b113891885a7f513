"""CIELab colours as the standard writes them (PS3.3 C.10.7.1.1), made what screens show.

D50 white point as PCS-Values have it, Bradford-adapted sRGB primaries (IEC 61966-2-1, ICC.1:2022).
"""

from __future__ import annotations

from typing import TypeAlias

Rgb: TypeAlias = tuple[int, int, int]

_WHITE = (0.9642, 1.0, 0.8249)
_TO_LINEAR_RGB = (
    (3.1338561, -1.6168667, -0.4906146),
    (-0.9787684, 1.9161415, 0.0334540),
    (0.0719453, -0.2289914, 1.4052427),
)

DISTINCT: tuple[Rgb, ...] = (
    (230, 90, 80),
    (90, 190, 110),
    (90, 150, 240),
    (235, 190, 70),
    (190, 110, 220),
    (70, 200, 200),
    (240, 140, 190),
    (170, 200, 80),
    (240, 145, 70),
    (150, 160, 240),
)
"""For what brings no colour of its own: apart from each other, and from the greys below them."""


def rgb_of(cielab: tuple[float, ...]) -> Rgb | None:
    """Return the sRGB colour of three unsigned 16-bit PCS-Values; None when they are not three.

    >>> rgb_of((65535, 32896, 32896))
    (255, 255, 255)
    """
    if len(cielab) != 3:
        return None
    lightness = cielab[0] * 100 / 65535
    a, b = (value * 255 / 65535 - 128 for value in cielab[1:])
    fy = (lightness + 16) / 116
    xyz = [_cubed(f) * white for f, white in zip((fy + a / 500, fy, fy - b / 200), _WHITE, strict=True)]
    linear = (sum(m * v for m, v in zip(row, xyz, strict=True)) for row in _TO_LINEAR_RGB)
    red, green, blue = (round(255 * _companded(value)) for value in linear)
    return red, green, blue


def distinct(number: int) -> Rgb:
    """Return a colour for the n-th thing that has none."""
    return DISTINCT[number % len(DISTINCT)]


def _cubed(value: float) -> float:
    return value**3 if value > 6 / 29 else 3 * (6 / 29) ** 2 * (value - 4 / 29)


def _companded(linear: float) -> float:
    value = min(max(linear, 0.0), 1.0)
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
