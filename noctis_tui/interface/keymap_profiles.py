"""Whose keys: the built-in keymap, one that resembles another program, or one that a package brings along.

A package registers its keymap under the entry point group `noctis.keymaps`: the name is what
`keymap = "..."` says, the object a function without parameters that returns TOML as in `keymaps/noctis.toml`.
It is a layer over the built-in keymap: it says only what differs.
"""

from __future__ import annotations

import difflib
import tomllib
from functools import cache
from typing import TYPE_CHECKING, cast

from archive.dicom.text import visible
from archive.errors import BadInput, NoctisError
from noctis_tui.interface import keymaps
from noctis_tui.interface.keymap import Keymap
from noctis_tui.interface.registry import every_action

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.metadata import EntryPoint

    from noctis_tui.preferences import Preferences

    Layer = Mapping[str, Mapping[str, str | Sequence[str]]]

GROUP = "noctis.keymaps"
DEFAULT = "noctis"
BUILT_IN: dict[str, Callable[[], str]] = {
    DEFAULT: keymaps.noctis,
    "weasis": keymaps.weasis,
    "horos": keymaps.horos,
    "ohif": keymaps.ohif,
}
"""Asked before any entry point: the default keymap costs no look at what is installed."""


def profiles() -> tuple[str, ...]:
    """Return the names of all keymaps, the built-in ones first."""
    return (*BUILT_IN, *sorted(set(_installed()) - set(BUILT_IN)))


def keymap_of(preferences: Preferences) -> Keymap:
    """Return the keymap that a person wishes, with the keys that they changed.

    Raises
    ------
    BadInput
        There is no such keymap, it cannot be loaded, or a part of it is refused (`Keymap`).
    """
    layers = (*layers_of(preferences.keymap), preferences.keys)
    return Keymap(every_action(), layers)


def layers_of(name: str) -> tuple[Layer, ...]:
    """Return the layers of a keymap, the lowest first; raises as `keymap_of`."""
    own = () if name == DEFAULT else (_layer(name, _text(name)),)
    return (_layer(DEFAULT, BUILT_IN[DEFAULT]()), *own)


def _text(name: str) -> str:
    if name in BUILT_IN:
        return BUILT_IN[name]()
    installed = _installed()
    if name not in installed:
        known = profiles()
        nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
        hint = f"did you mean {nearest[0]}?" if nearest else f"there are {', '.join(known)}."
        raise BadInput(f"keymap: there is no keymap {visible(name, 40)}: {hint}")
    try:
        return str(installed[name].load()())
    except NoctisError:
        raise
    except Exception as error:
        # Whatever a foreign package raises: a person reads which keymap it was.
        raise BadInput(f"The keymap {visible(name, 40)} cannot be loaded: {error}.") from error


def _layer(name: str, text: str) -> Layer:
    try:
        return cast("Layer", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"The keymap {visible(name, 40)} is not valid TOML: {error}.") from error


@cache
def _installed() -> Mapping[str, EntryPoint]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - it reads every package's metadata

    return {point.name: point for point in entry_points(group=GROUP)}
