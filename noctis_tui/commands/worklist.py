"""`noctis`: the worklist of the archive, with its receiver."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from noctis_tui.commands.loading import loading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from archive.local_archive import LocalArchive


def open_worklist(archive: Path, config: Path) -> None:
    """Open the worklist of an archive with a person's preferences."""
    from archive.local_archive import LocalArchive

    with LocalArchive.open(archive) as local_archive:
        show_worklist(local_archive, config)


def show_worklist(
    archive: LocalArchive,
    config: Path,
    *,
    receive: Sequence[str] = (),
    note: str = "",
    listening: Callable[[str, int, str], None] | None = None,
    leaving: Callable[[], None] = lambda: None,
    leave_seconds: float = 2,
) -> None:
    """Run the interface on an open archive until a person leaves it.

    Parameters
    ----------
    receive
        Options for the embedded receiver, such as another port.
    note
        One line that explains what is going on.
    listening
        Called with host, port and AE title once the embedded receiver listens.
    leaving
        Called before the embedded receiver is ended.
    leave_seconds
        How long leaving may wait for the embedded receiver's drain.
    """
    with loading():
        from noctis_tui.graphics.terminal.detection import detect, require_terminal
        from noctis_tui.graphics.terminal.late_replies import pass_over_late_replies
        from noctis_tui.graphics.terminal.true_color import tell_libraries
        from noctis_tui.interface.app import NoctisApp
        from noctis_tui.interface.receiver.child import EmbeddedReceiver
        from noctis_tui.interface.receiver.reception import Reception
        from noctis_tui.interface.worklist.screen import WorklistScreen
        from noctis_tui.preferences import read_preferences

    require_terminal()
    preferences = read_preferences(config)
    graphics = replace(detect(preference=preferences.graphics), moving=preferences.moving_picture)
    tell_libraries(true_color=graphics.true_color)
    if graphics.answers_late:
        pass_over_late_replies()
    reception = Reception(archive, EmbeddedReceiver(archive.root, receive, listening), leave_seconds, leaving)
    app = NoctisApp(
        archive,
        graphics,
        preferences,
        lambda: WorklistScreen(archive, graphics, reception, note),
        config=config,
    )
    app.run_until_left()
