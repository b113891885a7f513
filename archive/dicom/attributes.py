"""Every attribute of an instance, nested and private ones too, named and readable; no pixels are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.dicom.element_tree import ElementTree
from archive.dicom.keywords import ITEM
from archive.dicom.values import TEXT_LIMIT, value_text
from archive.errors import CannotUnderstand

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.dicom.element_node import Node
    from archive.dicom.source import Source


@dataclass(frozen=True, slots=True)
class Attribute:
    """One element, item or fragment as a person reads it.

    Attributes
    ----------
    path
        Tags and item numbers from the top: `(0040,A730)[2](0008,0100)`; items count from 1.
    vr
        As written, or the dictionary's where the file has none or UN.
    keyword
        Of the standard's dictionary; empty for private elements.
    name
        The standard's or, in quotes, the private creator's; empty when nobody knows.
    value
        Text as decoded, **hostile until `text.visible` has been over it**; numbers separated by backslashes;
        bytes in hexadecimal. Long values are cut and end in an ellipsis.
    length
        Bytes of the value; None when undefined.
    """

    depth: int
    path: str
    tag: int
    vr: str
    keyword: str
    name: str
    value: str
    length: int | None

    @property
    def is_item(self) -> bool:
        """Whether this is an item of a sequence and not an element."""
        return self.tag == ITEM


def attribute_of(tree: ElementTree, node: Node, limit: int = TEXT_LIMIT) -> Attribute:
    """Return a node of a tree as a person reads it; at most `limit` bytes of its value are looked at."""
    value, path = node.value, node.path
    length = None if value.undefined else value.length
    if node.sequence is not None:
        word = "Item" if node.is_item else "Fragment"
        return Attribute(node.depth, path, ITEM, "", word, f"{word} {node.number}", "", length)
    level = node.level
    vr, keyword, name = level.naming.of(node.tag, value.vr, undefined=value.undefined)
    if node.holds_fragments:
        shown = f"{tree.count(node)} fragments"
    elif vr == "SQ" or value.undefined:
        shown = ""
    else:
        raw = node.read(limit)
        shown = value_text(raw, vr, level.character_sets, little=level.encoding.little, length=value.length)
    return Attribute(node.depth, path, node.tag, vr, keyword, name, shown, length)


def walk_attributes(source: Source, emit: Callable[[Attribute], None]) -> None:
    """Emit every attribute of a file in its order, file meta information first.

    Raises
    ------
    BadInput, CannotUnderstand
        The file is not DICOM, or not all of it can be understood: after everything that can has been emitted.
    """
    tree = ElementTree(source)
    for node in tree.walk():
        emit(attribute_of(tree, node))
    if tree.fault:
        raise CannotUnderstand(tree.fault)
