"""What planes are read of: a series, and how its frames were looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from noctis_tui.reading.viewport import ViewState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from archive.local_archive import LocalArchive
    from archive.pixels.presets import Preset
    from archive.pixels.voi_lut import VoiLut, Window
    from noctis_tui.interface.viewer.shelf import Entry
    from noctis_tui.preferences import PresetPreference
    from noctis_tui.reading.loaded_frame import LoadedFrame


@dataclass(frozen=True)
class MprSource:
    """A series.

    Attributes
    ----------
    paths
        Gives its files, in any order, as far as they have come; none while the series is not known yet.
    frame
        One of its frames: its windows are the volume's, and presets are made for it.
    view
        How the reader looked at it: the window goes on, zoom and turns do not.
    where
        What is known of the body part, for presets.
    begins_at_frame
        Whether the reader scrolled to that frame, so that planes begin there.
    entry
        Gives what the archive says about it, None when it is not in one.
    archive
        Gives where curves are kept; None while there is none.
    """

    paths: Callable[[], tuple[Path, ...]]
    frame: LoadedFrame
    view: ViewState
    where: str = ""
    begins_at_frame: bool = False
    entry: Callable[[], Entry | None] = lambda: None
    archive: Callable[[], LocalArchive | None] = lambda: None

    @property
    def begun_view(self) -> ViewState:
        """How planes are looked at first: the window goes on, and a file that is shown inverted stays so."""
        view = self.view
        return ViewState(
            window=view.window,
            window_name=view.window_name,
            voi_index=view.voi_index,
            automatic_window=view.automatic_window,
            inverted=view.inverted != self.frame.attributes.is_inverse,
            overlay=view.overlay,
            suv_type=view.suv_type,
        )

    def voi(self, view: ViewState) -> Window | VoiLut:
        """Return what values are looked at through."""
        voi = self.frame.voi(view)
        assert voi is not None  # colour is no volume
        return voi

    def presets(self, own: Sequence[PresetPreference]) -> tuple[Preset, ...]:
        """Return the presets for the series, key 1 first."""
        from noctis_tui.reading.window_presets import presets_of  # noqa: PLC0415 - when asked for

        return presets_of(self.frame, self.where, own, self.view.suv_type)
