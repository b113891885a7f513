"""A picture in five shades of plain characters, for a pipe or a file: no colour, no control sequence."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from noctis_tui.graphics.flattening import flatten

if TYPE_CHECKING:
    from noctis_tui.graphics.picture import Picture


def shades(picture: Picture, columns: int) -> str:
    """Return lines of at most `columns` characters, that show the picture without its labels.

    Only for standard output that is no terminal: where it is one, textual-image asks it questions when it is
    imported, and takes the answer from whoever reads the keyboard.
    """
    # Late: see above.
    from PIL import Image  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from textual_image.renderable.unicode import Image as Shades  # noqa: PLC0415

    width, height = picture.size_px
    rows = max(round(height / width * columns / 2), 1)
    paper = io.StringIO()
    console = Console(file=paper, width=columns, height=rows + 1, color_system=None)
    console.print(Shades(Image.fromarray(flatten(picture)), columns, rows))
    return "".join(f"{line.rstrip()}\n" for line in paper.getvalue().splitlines())
