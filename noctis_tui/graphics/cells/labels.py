"""Labels as real text in character cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from noctis_tui.graphics.picture import Label


def label_cells(
    labels: tuple[Label, ...], columns: int, rows: int, cell_px: tuple[int, int] = (1, 2)
) -> dict[tuple[int, int], tuple[str, int]]:
    """Where each letter of the labels stands: (row, column) -> (letter, overlay index).

    A wide letter takes the cell behind it, too, which holds an empty text then.
    """
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    taken: dict[str, int] = {}
    for label in labels:
        lines = label.text.split("\n")
        if label.at_px is None:
            offset = taken.get(label.anchor, 0)
            taken[label.anchor] = offset + len(lines)
            places = _anchored(label, lines, offset, columns, rows)
        else:
            places = _beside(
                (label.at_px[0] // cell_px[0], label.at_px[1] // cell_px[1]), lines, columns, rows
            )
        for line, (left, row) in zip(lines, places, strict=True):
            if 0 <= row < rows:
                for place, letter in _letters(line, left, columns):
                    cells[row, place] = (letter, label.color_index)
    return cells


def _anchored(
    label: Label, lines: Sequence[str], offset: int, columns: int, rows: int
) -> list[tuple[int, int]]:
    vertical, _, side = label.anchor.partition("-")
    if vertical in {"left", "right"}:
        vertical, side = "", vertical
    top = {"top": offset, "bottom": rows - offset - len(lines)}.get(vertical, (rows - len(lines)) // 2)
    widths = [cell_len(line) for line in lines]
    lefts = [{"left": 0, "right": columns - width}.get(side, (columns - width) // 2) for width in widths]
    return [(left, row) for row, left in enumerate(lefts, top)]


def _beside(cell: tuple[int, int], lines: Sequence[str], columns: int, rows: int) -> list[tuple[int, int]]:
    """Return the cells of text whose top left corner is in a cell."""
    left, top = cell
    if not (0 <= left < columns and 0 <= top < rows):
        return [(0, -1)] * len(lines)
    left = max(min(left, columns - max(cell_len(line) for line in lines)), 0)
    top = max(min(top, rows - len(lines)), 0)
    return [(left, row) for row in range(top, top + len(lines))]


def _letters(line: str, left: int, columns: int) -> Iterator[tuple[int, str]]:
    place = left
    for letter in line:
        width = cell_len(letter)
        if width and letter.isprintable() and place >= 0 and place + width <= columns:
            yield place, letter
            yield from ((place + more, "") for more in range(1, width))
        place += width
