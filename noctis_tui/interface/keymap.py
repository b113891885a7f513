"""Which keys ask for which action: data in layers, the user's above the built-in one."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.errors import BadInput
from noctis_tui.interface.key_names import key_label, parse_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from noctis_tui.interface.actions import Action, ActionRegistry
    from noctis_tui.interface.key_names import Keys


@dataclass(frozen=True, slots=True)
class Pending:
    """The keys so far begin a longer sequence."""

    keys: Keys


class Keymap:
    """The keys of every context, checked: no unknown action or key, no key that asks for two things."""

    def __init__(
        self,
        registry: ActionRegistry,
        layers: Iterable[Mapping[str, Mapping[str, str | Sequence[str]]]] = (),
    ) -> None:
        self.registry = registry
        self._bound: dict[str, dict[Keys, Action]] = {context: {} for context in registry.contexts}
        for layer in layers:
            for context, bindings in layer.items():
                self._apply(_known(context, registry.contexts, "a part of the keymap"), bindings)

    def find(self, contexts: Sequence[str], keys: Keys) -> Action | Pending | None:
        """Return what the keys ask for; the first context that knows them answers."""
        for context in contexts:
            bound = self._bound.get(context, {})
            if keys in bound:
                return bound[keys]
            if any(other[: len(keys)] == keys for other in bound):
                return Pending(keys)
        return None

    def keys_of(self, action: Action) -> tuple[Keys, ...]:
        """Return every key sequence of an action, the first one first."""
        return tuple(keys for keys, other in self._bound[action.context].items() if other == action)

    def labels_of(self, action: Action) -> tuple[str, ...]:
        """Return the keys of an action as help shows them."""
        return tuple(key_label(keys) for keys in self.keys_of(action))

    def label(self, context: str, name: str) -> str:
        """Return the first key of an action as a hint shows it, empty when it has none."""
        action = self.registry.find(context, name)
        labels = self.labels_of(action) if action is not None else ()
        return labels[0] if labels else ""

    def _apply(self, context: str, bindings: Mapping[str, str | Sequence[str]]) -> None:
        taken: dict[Keys, str] = {}
        names = tuple(action.name for action in self.registry.of(context))
        for name, written in bindings.items():
            action = self.registry.find(context, _known(name, names, f"an action of {context}"))
            assert action is not None
            self._unbind(action)
            for text in [written] if isinstance(written, str) else written:
                keys = parse_keys(text)
                _refuse_conflict(context, keys, name, taken)
                taken[keys] = name
        for keys, name in taken.items():
            self._bind(context, keys, name)

    def _unbind(self, action: Action) -> None:
        for keys in self.keys_of(action):
            del self._bound[action.context][keys]

    def _bind(self, context: str, keys: Keys, name: str) -> None:
        bound = self._bound[context]
        for other in [other for other in bound if _overlap(other, keys) and bound[other].name != name]:
            del bound[other]
        action = self.registry.find(context, name)
        assert action is not None
        bound[keys] = action


def _overlap(some: Keys, other: Keys) -> bool:
    shared = min(len(some), len(other))
    return some[:shared] == other[:shared]


def _refuse_conflict(context: str, keys: Keys, name: str, taken: Mapping[Keys, str]) -> None:
    for other, owner in taken.items():
        if _overlap(other, keys) and (owner != name or other != keys):
            raise BadInput(
                f"{context}: {key_label(keys)} cannot be {name}, because {key_label(other)} is {owner}."
            )


def _known(name: str, known: Sequence[str], what: str) -> str:
    if name in known:
        return name
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    offer = f"; did you mean {nearest[0]}?" if nearest else "."
    raise BadInput(f"{name} is not {what}{offer}")
