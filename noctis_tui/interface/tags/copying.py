"""Copying a value, or where it stands, to the terminal's clipboard (OSC 52)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom.attributes import attribute_of
from archive.dicom.text import visible
from noctis_tui.interface.tags.element_rows import name_text

if TYPE_CHECKING:
    from noctis_tui.interface.tags.element_list import ElementList

_MOST_CHARACTERS = 65_536
"""Terminals drop larger texts."""


class CopyActions:
    """What the keys copy; controls are made visible, because a shell would obey them when it is pasted."""

    def __init__(self, elements: ElementList) -> None:
        self._elements = elements

    def action_copy_value(self) -> None:
        """Copy the value of the element under the cursor."""
        row, tree = self._elements.row, self._elements.file_tree
        if row is None or tree is None:
            return
        attribute = attribute_of(tree, row.node, _MOST_CHARACTERS)
        if attribute.value:
            self._copy(visible(attribute.value), f"Copied the value of {name_text(attribute)}.")
        else:
            self._say("There is no value to copy here.")

    def action_copy_path(self) -> None:
        """Copy tag and path of the element under the cursor."""
        row = self._elements.row
        if row is not None:
            self._copy(row.node.path, f"Copied {row.node.path}.")

    def _copy(self, text: str, sentence: str) -> None:
        self._elements.app.copy_to_clipboard(text)
        self._say(sentence)

    def _say(self, sentence: str) -> None:
        self._elements.notify(visible(sentence, 200), markup=False, timeout=2)
