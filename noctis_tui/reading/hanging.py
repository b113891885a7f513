"""Hanging by rules that are data: which layout a study opens in, and which picture in which pane."""

from __future__ import annotations

import logging
from importlib.metadata import entry_points
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from archive.errors import BadInput, NoctisError
from archive.strict_toml import Table, parse_toml, read_values
from noctis_tui.reading.grid import Grid, grid_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from importlib.metadata import EntryPoint

    from noctis_tui.reading.hanging_candidates import Candidate

_OURS = "noctis_tui.reading.hanging:builtin"
GROUP = "noctis.hanging_layouts"
"""Entry points of this group are texts of TOML, or functions that return one, as the built-in rules are."""

log = logging.getLogger(__name__)


class Slot(Table):
    """What belongs into one pane; a term that is not given holds for everything."""

    modality: tuple[str, ...] = ()
    description: tuple[str, ...] = ()
    """Words of Series Description, any of them."""
    body_part: tuple[str, ...] = ()
    view: str = ""
    laterality: Literal["", "L", "R"] = ""
    plane: Literal["", "axial", "sagittal", "coronal"] = ""
    orientation: tuple[str, str] | None = None
    """What lies to the right and at the bottom of the picture, as Patient Orientation (0020,0020) says it."""

    @field_validator("modality", "description", "body_part", "orientation", mode="before")
    @classmethod
    def _as_tuple(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @property
    def asks_images(self) -> bool:
        """Whether it needs what only the files tell, not the index."""
        return bool(self.view or self.laterality or self.plane or self.orientation)

    def takes(self, candidate: Candidate) -> bool:
        """Tell whether every term holds for a picture."""
        return (
            (not self.modality or candidate.modality in self.modality)
            and (not self.description or _has_word(candidate.description, self.description))
            and (not self.body_part or _has_word(candidate.body_part, self.body_part))
            and (not self.view or candidate.view == self.view.upper())
            and (not self.laterality or candidate.laterality == self.laterality)
            and (not self.plane or candidate.plane == self.plane)
        )


class HangingRule(Table):
    """One way to hang a study."""

    title: str
    layout: str = "1x1"
    modality: tuple[str, ...] = ()
    study_description: tuple[str, ...] = ()
    """Words of Study Description, any of them."""
    least: int = Field(default=1, ge=1, le=9)
    """How many panes must find a picture."""
    automatic: bool = True
    """Whether it hangs a study by itself; else it waits in the layout chooser."""
    panes: tuple[Slot, ...] = Field(default=(), max_length=9)

    @field_validator("modality", "study_description", "panes", mode="before")
    @classmethod
    def _as_tuple(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("layout")
    @classmethod
    def _a_layout(cls, value: str) -> str:
        try:
            return str(grid_of(value))
        except BadInput as error:
            raise ValueError(str(error)) from error

    @property
    def grid(self) -> Grid:
        """How many panes."""
        return grid_of(self.layout)

    @property
    def asks_images(self) -> bool:
        """Whether it needs what only the files tell, not the index."""
        return any(slot.asks_images for slot in self.panes)

    def may_fit(self, modalities: Iterable[str], study_description: str) -> bool:
        """Tell whether a study comes into question, by what the index knows."""
        there = not self.modality or any(modality in self.modality for modality in modalities)
        return there and (not self.study_description or _has_word(study_description, self.study_description))

    def hung(self, candidates: Sequence[Candidate]) -> tuple[Candidate | None, ...] | None:
        """Return the picture of each pane, None when too few panes find one."""
        left = list(candidates)
        found: list[Candidate | None] = []
        for slot in [*self.panes, *[Slot()] * self.grid.count][: self.grid.count]:
            taken = next((candidate for candidate in left if slot.takes(candidate)), None)
            if taken is not None:
                left.remove(taken)
            found.append(taken)
        return tuple(found) if sum(each is not None for each in found) >= self.least else None

    def orientation_of(self, pane: int) -> tuple[str, str] | None:
        """Return what should lie to the right and at the bottom of a pane's picture."""
        return self.panes[pane].orientation if pane < len(self.panes) else None


class _Hangings(Table):
    """A text with rules: everything that stands in it is below `hanging`."""

    hanging: dict[str, HangingRule] = Field(default_factory=dict)


def _has_word(text: str, words: Iterable[str]) -> bool:
    return any(word.casefold() in text.casefold() for word in words)


def parse_hangings(text: str, source: str) -> dict[str, HangingRule]:
    """Read rules by name.

    Raises
    ------
    BadInput
        The TOML does not parse, a value does not fit, or a key is unknown (the nearest one is offered).
    """
    return parse_toml(text, _Hangings, source).hanging


def checked_hangings(tables: Mapping[str, Mapping[str, object]], source: str) -> dict[str, HangingRule]:
    """Check rules that a user's config holds; raises as `parse_hangings`."""
    return read_values({"hanging": tables}, _Hangings, source).hanging


def builtin() -> str:
    """Return the rules that ship with Noctis."""
    return (files("noctis_tui.reading") / "hangings" / "noctis.toml").read_text(encoding="utf-8")


def every_rule(own: Mapping[str, Mapping[str, object]], source: str) -> tuple[dict[str, HangingRule], str]:
    """Return all rules by name, those of the user first, then those of packages, then the built-in ones.

    Of several of one name the first counts. The second value says which package's rules are left out and why.

    Raises
    ------
    BadInput
        The user's rules do not fit.
    """
    layers = [checked_hangings(own, source)] if own else []
    refused = []
    for point in entry_points(group=GROUP):
        if point.value != _OURS:
            rules, sentence = _rules_of(point)
            layers.append(rules)
            refused.append(sentence)
    found: dict[str, HangingRule] = {}
    for layer in (*layers, parse_hangings(builtin(), "the built-in layouts")):
        for name, rule in layer.items():
            found.setdefault(name, rule)
    return found, " ".join(filter(None, refused))


def _rules_of(point: EntryPoint) -> tuple[dict[str, HangingRule], str]:
    try:
        text = point.load()
        return parse_hangings(text if isinstance(text, str) else text(), f"The layouts of {point.name}"), ""
    except NoctisError as error:
        return {}, str(error)
    except Exception as error:
        log.exception("the hanging layouts of a package cannot be read")
        return {}, f"The layouts of {point.name} cannot be read ({type(error).__name__})."
