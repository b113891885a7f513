"""Looking for elements in a whole file, folded or not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archive.dicom.attributes import attribute_of
from archive.errors import NoctisError
from noctis_tui.interface.tags.element_rows import tag_text

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from archive.dicom.attributes import Attribute
    from archive.dicom.element_node import Node
    from archive.dicom.element_tree import ElementTree

MOST_MATCHES = 10_000
_VR = re.compile("[A-Z]{2}")


def find_elements(tree: ElementTree, text: str, given_up: threading.Event) -> list[Node]:
    """Return the elements of a file that hold a text, in order; not for the event loop.

    Parameters
    ----------
    text
        Part of a keyword, a name, a tag (with or without brackets and comma) or a value, in any case; or two
        capitals, which mean a VR.
    given_up
        Ends the search with what was found so far.
    """
    matches = _matcher(text)
    found: list[Node] = []
    try:
        for node in tree.walk():
            if given_up.is_set() or len(found) >= MOST_MATCHES:
                break
            if node.sequence is None and matches(attribute_of(tree, node)):
                found.append(node)
    except NoctisError:  # what is not understood is not searched; the screen says what is wrong
        pass
    return found


def _matcher(text: str) -> Callable[[Attribute], bool]:
    wanted = text.strip().casefold()
    if _VR.fullmatch(text.strip()):
        return lambda attribute: attribute.vr == text.strip()
    return lambda attribute: wanted in _searched(attribute)


def _searched(attribute: Attribute) -> str:
    tag = f"{tag_text(attribute.tag)} {attribute.tag:08X}"
    return f"{tag} {attribute.keyword} {attribute.name} {attribute.value}".casefold()
