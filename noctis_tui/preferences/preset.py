"""A window under a name, as a person keeps it in `[[preset]]`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from archive.strict_toml import Table


class PresetPreference(Table):
    """One `[[preset]]`; it comes before the built-in ones where modality and body part fit."""

    name: str = Field(min_length=1, max_length=40)
    """What the corner of the picture and `--preset` call it."""
    modality: str = Field(default="", max_length=16)
    """CT, MR, PT...; without it the preset is offered for every modality."""
    body_part: str = Field(default="", max_length=64)
    """A word that Body Part Examined, else the series' or study's description must contain, in any case."""
    center: float = Field(allow_inf_nan=False)
    """The middle of the window in modality values."""
    width: float = Field(gt=0, allow_inf_nan=False)
    """How many modality values lie between black and white."""
    function: Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"] = "LINEAR"
    """The VOI LUT function of PS3.3 C.11.2.1."""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What no two presets may have in common."""
        return self.name.casefold(), self.modality.upper(), self.body_part.upper()

    def fits(self, modality: str, where: str) -> bool:
        """Tell whether it is offered for a modality and what is said about the body part."""
        same = not self.modality or self.modality.upper() == modality.upper()
        return same and self.body_part.upper() in where.upper()
