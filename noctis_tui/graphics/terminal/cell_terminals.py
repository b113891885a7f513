"""Which block characters and how many colours a terminal's cells take; neither can be asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from noctis_tui.graphics.terminal.cell_shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noctis_tui.graphics.terminal.cell_shapes import Shapes

CellColors: TypeAlias = Literal["true", "256", "16", "8", "none"]
"""24 bits; xterm's 256; 16 for both layers; 16 in front of 8 (the Linux console); one, for ink."""

DRAWN_BY_TERMINAL: tuple[tuple[str, Shapes, tuple[int, ...]], ...] = (
    ("kitty", "octants", (0, 40)),
    ("kitty", "sextants", (0, 20)),
    ("foot", "octants", (1, 20)),
    ("foot", "sextants", (1, 6)),
    ("ghostty", "octants", (1, 2)),
    ("ghostty", "sextants", (1, 0)),
    ("wezterm", "sextants", (20220101,)),
    ("vte", "octants", (7800,)),
    ("vte", "sextants", (6400,)),
    ("contour", "sextants", (0, 3)),
)
"""Terminals that draw the characters themselves, whatever the font, and since which version.

Every mask was looked at in kitty 0.26 (sextants), kitty 0.41 and foot 1.21. The others are known from what
they say themselves: VTE 0.64 and 0.78, Ghostty 1.0 and 1.2, WezTerm's `custom_block_glyphs`, Contour 0.3.
Everything else draws from a font, and every font with half blocks that was looked at has quadrants
(DejaVu Sans Mono, Noto Sans Mono, Liberation Mono, Terminus), while next to none has sextants.
"""

FINE_WIDTHS = (4, 6, 8)
"""Pixels across a cell that pictures in cells are made of; even, so that half a cell is whole pixels."""


@dataclass(frozen=True, slots=True)
class Cells:
    """What a cell of this terminal can show.

    Attributes
    ----------
    shapes
        The finest blocks whose characters are known to be drawn.
    colors
        The colours that both layers of a cell take.
    bars
        Whether cells may also be divided at an eighth of their height or width.
    """

    shapes: Shapes = "quadrants"
    colors: CellColors = "true"
    bars: bool = False

    @property
    def from_font(self) -> bool:
        """Whether a font draws the characters, and may leave the cell's lower edge out."""
        return self.shapes in {"halves", "quadrants"}


PLAIN = Cells(bars=True)


def cells_of(name: str, environment: Mapping[str, str], *, true_color: bool) -> Cells:
    """Decide from the terminal's own name and version, empty where it gave none, and the environment.

    Whether there are 24-bit colours is told by `true_color.colors_of`.

    ``NOCTIS_CELLS`` with the name of the shapes overrules the table, for fonts that have the characters.
    """
    shapes, colors = _shapes(name, environment), _colors(environment, true_color=true_color)
    return Cells(shapes, colors, bars=shapes != "halves" and colors in {"true", "256"})


def _shapes(name: str, environment: Mapping[str, str]) -> Shapes:
    wished = environment.get("NOCTIS_CELLS", "")
    if wished in SHAPES:
        return cast("Shapes", wished)
    if environment.get("TERM") == "linux":
        return "halves"
    if environment.get("TMUX") or environment.get("STY"):
        return "quadrants"  # what the terminal outside draws may change with every attaching client
    version = _version(name)
    for start, shapes, since in DRAWN_BY_TERMINAL:
        if name.lower().startswith(start) and version >= since:
            return shapes
    return "quadrants"


def _version(name: str) -> tuple[int, ...]:
    numbers = re.search(r"\d+(\.\d+)*", name)
    return tuple(int(number[:9]) for number in numbers[0].split(".")) if numbers else ()


def _colors(environment: Mapping[str, str], *, true_color: bool) -> CellColors:
    term = environment.get("TERM", "")
    if true_color:
        return "true"
    if term == "linux":
        return "8"
    if term.startswith("vt") or term.endswith("-mono"):
        return "none"
    return "16" if term.endswith("-16color") or term in {"xterm", "ansi", "cygwin"} else "256"


def fine_cell_px(cell_px: tuple[int, int] | None) -> tuple[int, int]:
    """Return a small number of square pixels with the proportions of a cell, 1:2 where those are not known.

    Pictures are rendered in these, so that circles stay round, and then reduced to the blocks of a cell.
    """
    if cell_px is None:
        return 4, 8
    ratio = min(max(cell_px[1] / cell_px[0], 1.0), 4.0)
    return min(((width, round(width * ratio)) for width in FINE_WIDTHS), key=lambda px: _misfit(px, ratio))


def _misfit(px: tuple[int, int], ratio: float) -> float:
    # A hundredth is not seen: the coarser pixels are faster then.
    return round(abs(px[1] / px[0] / ratio - 1), 2)
