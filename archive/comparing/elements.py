"""The elements of two files, level by level: what only one has, and what both have and is not the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.comparing.difference import Difference, Kind
from archive.comparing.values import first_difference
from archive.dicom.attributes import attribute_of
from archive.dicom.elements import NO_VR
from archive.dicom.keywords import DOUBLE_FLOAT_PIXEL_DATA, FLOAT_PIXEL_DATA, PIXEL_DATA
from archive.dicom.names import is_private_creator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archive.dicom.attributes import Attribute
    from archive.dicom.element_node import Node
    from archive.dicom.element_tree import ElementTree

SHOWN_BYTES = 512
"""Bytes of a value that a difference shows."""
PIXELS = frozenset({PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA})
_Key = tuple[int, str, int, int]


class ElementComparison:
    """Compares the elements of two trees.

    Pixels at the top level are passed over: they are compared by what they decode to.

    Parameters
    ----------
    everything
        Tell what is the same, too.
    """

    def __init__(self, left: ElementTree, right: ElementTree, *, everything: bool = False) -> None:
        self._left, self._right = left, right
        self._everything = everything

    def run(self) -> Iterator[Difference]:
        """Yield what differs, in the order of tags."""
        lefts, rights = (
            [node for node in tree.top() if node.tag not in PIXELS] for tree in (self._left, self._right)
        )
        yield from self._levels(lefts, rights)
        faults = self._left.fault, self._right.fault
        if any(faults):
            yield Difference("", 0, "", "", "", Kind.UNREAD, *faults)

    def _levels(self, lefts: Sequence[Node], rights: Sequence[Node]) -> Iterator[Difference]:
        ours, theirs = _by_key(lefts), _by_key(rights)
        every = {**theirs, **ours}
        for key in sorted(every, key=lambda key: (every[key].tag, key[3])):
            left, right = ours.get(key), theirs.get(key)
            if left is not None and right is not None:
                yield from self._both(left, right)
            elif left is not None:
                yield self._one_sided(self._left, left, Kind.REMOVED)
            elif right is not None:
                yield self._one_sided(self._right, right, Kind.ADDED)

    def _one_sided(self, tree: ElementTree, node: Node, kind: Kind) -> Difference:
        attribute = attribute_of(tree, node, SHOWN_BYTES)
        shown = attribute.value or _amount(tree, node)
        left, right = (shown, "") if kind is Kind.REMOVED else ("", shown)
        return _difference(attribute, kind, left, right)

    def _both(self, left: Node, right: Node) -> Iterator[Difference]:
        ours = attribute_of(self._left, left, SHOWN_BYTES)
        theirs = attribute_of(self._right, right, SHOWN_BYTES)
        if self._both_hold_items(left, right):
            yield from self._sequences(left, right, ours)
            return
        at = first_difference(left, right, _common_vr(left, right, ours.vr, theirs.vr))
        if at is not None:
            yield _difference(ours, Kind.CHANGED, ours.value, theirs.value, _note(ours, theirs, at))
        elif ours.vr != theirs.vr and _is_known(left) and _is_known(right):
            yield _difference(ours, Kind.VR, ours.vr, theirs.vr)
        elif self._everything:
            yield _difference(ours, Kind.SAME, ours.value, theirs.value)

    def _both_hold_items(self, left: Node, right: Node) -> bool:
        """Tell whether two values can be compared item by item; an empty one can with any that has items."""
        ours, theirs = self._left.has_children(left), self._right.has_children(right)
        if ours and theirs:
            return left.holds_fragments == right.holds_fragments
        any_items = ours or theirs or left.value.undefined or right.value.undefined
        if not any_items or left.holds_fragments or right.holds_fragments:
            return False
        return (ours or _is_empty(left)) and (theirs or _is_empty(right))

    def _sequences(self, left: Node, right: Node, attribute: Attribute) -> Iterator[Difference]:
        if self._everything:
            shown = _amount(self._left, left), _amount(self._right, right)
            yield _difference(attribute, Kind.SAME, *shown)
        ours, theirs = self._left.children(left), self._right.children(right)
        for one, other in zip(ours, theirs, strict=False):
            if left.holds_fragments:
                yield from self._both(one, other)
            else:
                yield from self._levels(self._left.children(one), self._right.children(other))
        for node in ours[len(theirs) :]:
            yield self._one_sided(self._left, node, Kind.REMOVED)
        for node in theirs[len(ours) :]:
            yield self._one_sided(self._right, node, Kind.ADDED)


def _difference(attribute: Attribute, kind: Kind, left: str, right: str, note: str = "") -> Difference:
    name = attribute.path, attribute.tag, attribute.vr, attribute.keyword, attribute.name
    return Difference(*name, kind, left, right, note)


def _by_key(nodes: Sequence[Node]) -> dict[_Key, Node]:
    """Return nodes by what makes them the same element: private ones by their creator, not their block."""
    found: dict[_Key, Node] = {}
    for node in nodes:
        group, number, creator = node.tag >> 16, node.tag & 0xFFFF, ""
        if is_private_creator(node.tag):
            creator, number = node.level.naming.creator_of((node.tag & 0xFFFF0000) | number << 8), 0
        else:
            creator = node.level.naming.creator_of(node.tag)
            number = number & 0xFF if creator else number
        repeat = 0
        while (group, creator, number, repeat) in found:
            repeat += 1
        found[group, creator, number, repeat] = node
    return found


def _is_empty(node: Node) -> bool:
    """Tell whether a value that has no items could have some."""
    return node.value.length == 0 or node.value.undefined


def _is_known(node: Node) -> bool:
    """Tell whether somebody who knew it wrote the VR of an element."""
    return node.value.vr not in {NO_VR, b"UN"}


def _common_vr(left: Node, right: Node, ours: str, theirs: str) -> str:
    """Return the VR by which two values are compared: what is known wins, of two that differ the bytes."""
    if _is_known(left) != _is_known(right):
        return ours if _is_known(left) else theirs
    if theirs in {ours, "UN"}:
        return ours
    return theirs if ours == "UN" else "OB"


def _amount(tree: ElementTree, node: Node) -> str:
    if node.is_item:
        count = len(tree.children(node))
        return f"{count} element{'' if count == 1 else 's'}"
    count = tree.count(node)
    return f"{count} item{'' if count == 1 else 's'}" if count else ""


def _note(left: Attribute, right: Attribute, at: int) -> str:
    """Say what values do not that look the same when they are cut."""
    if left.value != right.value:
        return ""
    if left.length != right.length and None not in {left.length, right.length}:
        return f"{left.length:,} and {right.length:,} bytes"
    return f"differs from byte {at:,} on"
