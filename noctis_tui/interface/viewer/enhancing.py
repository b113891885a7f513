"""The viewer's part that enhances what is shown, and draws the histogram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from noctis_tui.imaging.enhancing.enhancement import following

if TYPE_CHECKING:
    from noctis_tui.imaging.enhancing.enhancement import Enhancement
    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.reading.viewport import ViewState


class Viewer(Protocol):
    """What enhancing needs of the screen."""

    @property
    def active(self) -> Pane:
        """The pane that the keys act on."""

    def change(self, view: ViewState, pane: Pane | None = None) -> None:
        """Look at a pane's frame, the active one's if none is named, through this view."""

    def say(self, sentence: str) -> None:
        """Show a sentence for a few seconds."""


class Enhancing:
    """Changes how the active pane is enhanced; the stored values stay what they are."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer

    @property
    def _view(self) -> ViewState:
        return self._viewer.active.state.view

    def action_next_enhancement(self) -> None:
        """Go round: none, sharpen, denoise, edges, CLAHE, equalise."""
        self.action_turn_enhancement(1)

    def action_turn_enhancement(self, steps: int) -> None:
        """Choose another kind: the next, or the one before for negative steps."""
        self._enhance(following(self._view.enhancement, steps))

    def action_strengthen(self, steps: int) -> None:
        """Enhance more, less for negative steps; what is not enhanced yet begins with the first kind."""
        present = self._view.enhancement
        self._enhance(present.stronger(steps) if present is not None else following(None))

    def action_enhance_none(self) -> None:
        """Show the picture as it is."""
        self._enhance(None)

    def action_histogram(self) -> None:
        """Draw the histogram over the active pane, or take it away."""
        self._viewer.change(self._view.with_histogram(not self._view.histogram))

    def _enhance(self, enhancement: Enhancement | None) -> None:
        self._viewer.change(self._view.with_enhancement(enhancement))
