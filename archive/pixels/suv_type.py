"""The kinds of standardized uptake value."""

from __future__ import annotations

from enum import StrEnum


class SuvType(StrEnum):
    """What stands for the body."""

    BODY_WEIGHT = "SUVbw"
    LEAN_BODY_MASS = "SUVlbm"
    BODY_SURFACE_AREA = "SUVbsa"

    @property
    def unit(self) -> str:
        """Unit of the value."""
        return "cm²/ml" if self is SuvType.BODY_SURFACE_AREA else "g/ml"
