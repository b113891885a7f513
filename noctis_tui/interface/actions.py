"""What a person can ask for: one registry of actions, whatever key, word or mouse asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EVERYWHERE = "everywhere"
"""The context whose actions are there on every screen."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be asked for, as help, palette and keymaps know it.

    A screen performs it in a method `action_<method or name>`, given `argument` when there is one. An
    action with a `mode` needs no method: it makes the screen read the keys of that context first, until Esc.
    """

    name: str
    title: str
    group: str
    context: str
    mode: str = ""
    method: str = ""
    argument: float | str | None = None

    @property
    def handler(self) -> str:
        """Name of the method that performs it."""
        return f"action_{self.method or self.name}"


class ActionRegistry:
    """All actions of the application, by context, in the order in which help shows them."""

    def __init__(self, actions: Iterable[Action]) -> None:
        self._actions: dict[str, dict[str, Action]] = {}
        for action in actions:
            known = self._actions.setdefault(action.context, {})
            if action.name in known:
                raise ValueError(f"{action.context}.{action.name} is registered twice")
            known[action.name] = action

    def __iter__(self) -> Iterator[Action]:
        for actions in self._actions.values():
            yield from actions.values()

    @property
    def contexts(self) -> tuple[str, ...]:
        """Names of all contexts."""
        return tuple(self._actions)

    def of(self, context: str) -> tuple[Action, ...]:
        """Return the actions of a context, none when it has none."""
        return tuple(self._actions.get(context, {}).values())

    def find(self, context: str, name: str) -> Action | None:
        """Return the action of that name in a context."""
        return self._actions.get(context, {}).get(name)


EVERYWHERE_ACTIONS: tuple[Action, ...] = (
    Action("help", "Show what the keys do", "Noctis", EVERYWHERE),
    Action("preferences", "Preferences: theme, keys, presets", "Noctis", EVERYWHERE),
    Action("palette", "Find a command by name", "Noctis", EVERYWHERE),
    Action("next_pane", "Go to the next pane", "Noctis", EVERYWHERE),
    Action("previous_pane", "Go to the previous pane", "Noctis", EVERYWHERE),
    Action("cancel", "Cancel", "Noctis", EVERYWHERE),
    Action("back", "Back; in the worklist, leave", "Noctis", EVERYWHERE),
    Action("redraw", "Draw the screen again", "Noctis", EVERYWHERE),
    Action("quit", "Leave Noctis", "Noctis", EVERYWHERE),
)
