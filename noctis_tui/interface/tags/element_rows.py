"""How an element reads in a row: tag, VR, name in its place of the tree, value, and what the value says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from archive.dicom.readings import reading
from archive.dicom.text import visible
from noctis_tui.interface.worklist.cells import fit, number, size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archive.dicom.attributes import Attribute
    from archive.dicom.element_node import Node

FOLDED, UNFOLDED, LEAF = "▸", "▾", " "
_LONGEST_VALUE = 300
_DEEPEST = 10
"""Indents that are drawn; what is deeper stands below each other."""


def tag_text(tag: int) -> str:
    """Return a tag as the standard writes it."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def name_text(attribute: Attribute) -> str:
    """Return the keyword, else the name, of an element; what nobody knows is said to be so."""
    if attribute.keyword or attribute.name:
        return visible(attribute.name if attribute.is_item else attribute.keyword or attribute.name, 60)
    return "private" if attribute.tag >> 16 & 1 else "unknown"


def name_cells(width: int) -> int:
    """Return how wide the names are in a row of so many cells."""
    return max(22, min(46, width * 3 // 8))


def row_parts(
    attribute: Attribute, indent: int, marker: str, count: int, width: int
) -> list[tuple[str, str]]:
    """Return the text of a row, each part with the name of its style.

    Parameters
    ----------
    marker
        `FOLDED`, `UNFOLDED` or `LEAF`.
    count
        Items of a sequence, 0 for anything else.
    width
        Cells of a whole row.
    """
    tag = " " * 11 if attribute.is_item else tag_text(attribute.tag)
    name = fit(f"{'  ' * min(indent, _DEEPEST)}{marker} {name_text(attribute)}", name_cells(width))
    parts = [(f" {tag}  {visible(attribute.vr, 2):2}  ", "tag"), (name, "name"), ("  ", "value")]
    if attribute.is_item:
        length = f"{size(attribute.length)}" if attribute.length is not None else ""
        return [*parts, (length if attribute.name.startswith("Fragment") else "", "reading")]
    if count:
        return [*parts, (f"{number(count)} item{'' if count == 1 else 's'}", "reading")]
    room = max(width - sum(cell_len(text) for text, _ in parts), 1)
    value = _cut(visible(attribute.value, _LONGEST_VALUE), room)
    says = visible(reading(attribute.vr, attribute.value), _LONGEST_VALUE)
    return [*parts, (value, "value"), (_cut(f"  {says}" if says else "", room - cell_len(value)), "reading")]


def _cut(text: str, cells: int) -> str:
    return text if cell_len(text) <= cells else fit(text, max(cells, 0))


def detail_text(node: Node, attribute: Attribute, colors: Mapping[str, str]) -> Text:
    """Return where an element stands, what it is called, how long it is and who defines it."""
    line = Text(f" {node.path}", style=colors["foreground"], no_wrap=True, overflow="ellipsis")
    if attribute.is_item:
        return line
    named = visible(attribute.name, 60) or name_text(attribute)
    line.append(f"  {named}", style=colors["bright"])
    length = "undefined length" if attribute.length is None else f"{number(attribute.length)} bytes"
    line.append(
        f"  {visible(attribute.vr, 2)} · {length} · at {number(node.value.offset)}", style=colors["muted"]
    )
    creator = node.level.naming.creator_of(node.tag)
    if creator:
        line.append(f"  private of {visible(creator, 64)}", style=colors["muted"])
    return line
