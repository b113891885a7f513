"""The viewer's part that chooses which standardized uptake value of a PET is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.pixels.suv_type import SuvType
from noctis_tui.interface.actions import Action

if TYPE_CHECKING:
    from noctis_tui.interface.viewer.enhancing import Viewer

UPTAKE_ACTIONS: tuple[Action, ...] = (
    Action("next_suv", "PET: SUV by weight, lean mass, surface, none", "Look", "reading"),
)

_NEXT: dict[SuvType | None, SuvType | None] = {
    SuvType.BODY_WEIGHT: SuvType.LEAN_BODY_MASS,
    SuvType.LEAN_BODY_MASS: SuvType.BODY_SURFACE_AREA,
    SuvType.BODY_SURFACE_AREA: None,
    None: SuvType.BODY_WEIGHT,
}


class UptakeReading:
    """Tells uptake in the probe and beside the window; the stored values stay what they are."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer

    def action_next_suv(self) -> None:
        """Go round: by body weight, by lean body mass, by body surface, none; say why there is none."""
        pane = self._viewer.active
        uptake = pane.frame.attributes.standardized_uptake if pane.frame is not None else None
        if uptake is None:
            self._viewer.say("Only PET images have standardized uptake values.")
            return
        kind = _NEXT[pane.state.view.suv_type]
        self._viewer.change(pane.state.view.with_suv_type(kind))
        if kind is None:
            self._viewer.say("No SUV.")
        else:
            self._viewer.say(uptake.refusal(kind) or f"{kind} in {kind.unit}")
