"""Comparing the instance that is looked at with the one before it in its series."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from pathlib import Path

    from archive.comparing import InstanceRef
    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.interface.tags.screen import TagsScreen


class NeighbourDiff:
    """Opens the comparison of two neighbours of a series."""

    def __init__(self, screen: TagsScreen) -> None:
        self._screen = screen

    def action_diff(self) -> None:
        """Compare this instance with the one before; the first one with the next."""
        instances = self._screen.instances
        if len(instances.files) < 2:
            self._screen.notify("There is only one instance here.", markup=False, timeout=2)
            return
        from noctis_tui.interface.diff.opening import open_diff  # noqa: PLC0415 - loaded when it is needed
        from noctis_tui.interface.diff.sides import Side  # noqa: PLC0415 - the same

        later = max(instances.index, 1)
        sides = [
            Side(f"instance {place + 1}", partial(_ref, instances.files[place]))
            for place in (later - 1, later)
        ]
        open_diff(cast("NoctisApp", self._screen.app), sides[0], sides[1])


def _ref(file: Path) -> list[InstanceRef]:
    from archive.comparing.sides import ref_of_file  # noqa: PLC0415 - loaded when it is needed

    return [ref_of_file(file)]
