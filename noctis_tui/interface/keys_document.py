"""What every key does, as a document: made from the registry and the keymaps, as help on the screen is.

Run as a program it writes the document to where it is told: ``python -m noctis_tui.interface.keys_document
docs/keys.md``.
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from noctis_tui.interface.keymap import Keymap
from noctis_tui.interface.keymap_profiles import BUILT_IN, layers_of
from noctis_tui.interface.registry import every_action

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from noctis_tui.interface.actions import Action

_HEAD = """# Keys

Made by `python -m noctis_tui.interface.keys_document docs/keys.md`: change the keymaps, not this page.

`?` shows the keys of the screen that is open, with everything that you changed; `Ctrl+P` finds by its name
what can be asked for, also what has no key. [Preferences](preferences.md) say how to change keys, and how to
take those of another program: each column is a keymap, and an empty cell there means the keys of `noctis`.

While a tool is out its keys come first, then those of the screen, then those that are there everywhere.
`Esc` puts it away. Keys that stand together, such as `[q`, are pressed one after the other.
"""
_NAMES = {
    "everywhere": "Everywhere",
    "reading": "Reading",
    "mpr": "Planes of a volume",
    "worklist": "Worklist",
    "tags": "Tags",
    "receiver": "Receiver",
    "jobs": "Jobs",
    "preferences": "Preferences",
}


def keys_document() -> str:
    """Return the document, in Markdown."""
    registry = every_action()
    keymaps = {name: Keymap(registry, layers_of(name)) for name in BUILT_IN}
    return "\n".join([_HEAD, *_parts(keymaps)]).rstrip("\n") + "\n"


def _parts(keymaps: Mapping[str, Keymap]) -> Iterator[str]:
    registry = every_action()
    modes = {action.mode: action for action in registry if action.mode}
    for context in registry.contexts:
        yield f"## {_title(context, modes)}\n"
        yield from _table(registry.of(context), keymaps)
        yield ""


def _title(context: str, modes: Mapping[str, Action]) -> str:
    if context in modes:
        return f"{_NAMES.get(context.partition('_')[0], 'Reading')}: {modes[context].title}"
    return _NAMES.get(context, context.replace("_", " ").capitalize())


def _table(actions: tuple[Action, ...], keymaps: Mapping[str, Keymap]) -> Iterator[str]:
    shown = [
        name for name in keymaps if name == "noctis" or _differs(actions, keymaps[name], keymaps["noctis"])
    ]
    yield "| | what it does | " + " | ".join(f"`{name}`" for name in shown) + " | name in a keymap |"
    yield "|---|---|" + "---|" * (len(shown) + 1)
    for group, some in groupby(actions, key=lambda action: action.group):
        for number, action in enumerate(some):
            cells = [_keys(keymaps[name], action) for name in shown]
            others = ["" if cell == cells[0] else cell for cell in cells[1:]]
            first = "" if number else _cell(group)
            yield " | ".join([f"| {first}", _cell(action.title), cells[0], *others, f"`{action.name}` |"])


def _differs(actions: tuple[Action, ...], keymap: Keymap, plain: Keymap) -> bool:
    return any(keymap.keys_of(action) != plain.keys_of(action) for action in actions)


def _keys(keymap: Keymap, action: Action) -> str:
    return " ".join(_code(label) for label in keymap.labels_of(action))


def _code(label: str) -> str:
    fence = "``" if "`" in label else "`"
    room = " " if "`" in label else ""
    return f"{fence}{room}{_cell(label)}{room}{fence}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(keys_document(), encoding="utf-8")
