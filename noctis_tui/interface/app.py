"""The application: one archive, one keymap, one way to show pictures, a stack of screens."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import os
import signal
import traceback
from typing import TYPE_CHECKING, Any, ClassVar

from archive.dicom.text import visible
from archive.errors import BadInput, NoctisError
from noctis_tui.graphics.notification import notification, notification_protocol
from noctis_tui.graphics.screen_pictures import pictures_of
from noctis_tui.graphics.wire.wire import wire_of
from noctis_tui.interface.escape_first import EscapeFirst
from noctis_tui.interface.guard import guard_terminal, made_visible
from noctis_tui.interface.hang_up import outlive_terminal
from noctis_tui.interface.keyed_screen import KeyedScreen
from noctis_tui.interface.keymap_profiles import keymap_of
from noctis_tui.interface.stopping import stop_between_events
from noctis_tui.interface.themes import THEMES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual import events
    from textual.binding import BindingType
    from textual.screen import Screen

    from archive.local_archive import LocalArchive
    from noctis_tui.graphics.terminal.detection import TerminalGraphics
    from noctis_tui.preferences import Preferences


class InterfaceFailed(NoctisError):
    """The interface ended on an error of its own."""


class NoctisApp(EscapeFirst, inherit_bindings=False):
    """Noctis in a terminal.

    Parameters
    ----------
    archive
        The open `LocalArchive` that the screens read; None where there is none (`noctis view`).
    graphics
        How pictures reach this terminal (`graphics.terminal.detection.detect`, asked before the app runs).
    opening
        Makes the first screen; leaving it ends the application.
    config
        The file that the preferences came from, where changes of them are written; None keeps none.

    Raises
    ------
    BadInput
        The preferences name an unknown theme, action or key.
    """

    TITLE = "Noctis"
    CSS_PATH = "theme.tcss"
    ENABLE_COMMAND_PALETTE = False  # the palette is an action of the registry like any other
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(
        self,
        archive: LocalArchive | None,
        graphics: TerminalGraphics,
        preferences: Preferences,
        opening: Callable[[], Screen[None]],
        *,
        config: Path | None = None,
    ) -> None:
        guard_terminal()
        outlive_terminal()
        super().__init__()
        self.archive = archive
        self.graphics = graphics
        self.preferences = preferences
        self.config = config
        self.keymap = keymap_of(preferences)
        self._check_hanging()
        self.failure = ""
        self._notification = notification_protocol(preferences.notifications.terminal, os.environ)
        self._opening = opening
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = _known_theme(preferences.theme)

    def _check_hanging(self) -> None:
        if self.preferences.hanging:
            from noctis_tui.reading.hanging import checked_hangings  # noqa: PLC0415 - who has none starts faster

            checked_hangings(self.preferences.hanging, "config.toml")

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        # Textual counts the screen below any other as visible and repaints all of the upper one whenever the
        # lower one changes. Only a dialog lets something shine through.
        return super()._background_screens if self.screen.is_modal else []

    def run_until_left(self) -> None:
        """Run until a person leaves; nothing that a peer sent is printed when it ends on an error.

        Raises
        ------
        InterfaceFailed
            The interface ended on an error of its own; its log says which.
        """
        self.run()
        if self.failure:
            raise InterfaceFailed(self.failure)

    def on_mount(self) -> None:
        """Leave in good order when the terminal goes away or somebody ends the process."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):  # not in the main thread
                loop.add_signal_handler(number, self.exit)
        stop_between_events(self)
        # Textual repaints after Ctrl+Z and fg only what its size event changes: nothing.
        self.app_resume_signal.subscribe(self, lambda _: self.action_redraw())

    def _fatal_error(self) -> None:
        """Write the traceback to the log instead of the terminal: its values may be what a peer sent."""
        file = (self.archive.layout.log if self.archive is not None else _own_log()) / "interface.log"
        self.failure = f"Noctis ended on an error of its own; {file} says which."
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with file.open("a", encoding="utf-8") as log:
                log.write("".join(made_visible(line) + "\n" for line in traceback.format_exc().splitlines()))
        except OSError as error:
            self.failure = f"Noctis ended on an error of its own, and its log cannot be written: {error}."
        self._close_messages_no_wait()

    def get_default_screen(self) -> Screen[None]:
        """Return the screen that the application opens with."""
        return self._opening()

    async def on_key(self, event: events.Key) -> None:
        """Leave by Ctrl+Q from screens that have no keymap, such as the palette."""
        if event.key == "ctrl+q" and not isinstance(self.screen, KeyedScreen):
            event.stop()
            self.exit()

    def say(self, sentence: str, severity: str = "information") -> None:
        """Show a sentence for a few seconds; it may hold peer text."""
        assert severity in {"information", "warning", "error"}
        self.notify(made_visible(sentence), severity=severity, markup=False)  # type: ignore[arg-type] # just checked

    def tell_desktop(self, sentence: str) -> None:
        """Have the terminal show a notification, when the preferences wish it; it may hold peer text."""
        in_tmux = bool(os.environ.get("TMUX"))
        wire_of(self).write(notification(self._notification, sentence, in_tmux=in_tmux))

    def apply(self, preferences: Preferences) -> None:
        """Go on with other preferences, as far as what is open can take them.

        Raises
        ------
        BadInput
            They name an unknown theme, keymap, action or key; everything stays as it was.
        """
        keymap = keymap_of(preferences)
        theme = _known_theme(preferences.theme)
        self.preferences, self.keymap, self.theme = preferences, keymap, theme
        self._notification = notification_protocol(preferences.notifications.terminal, os.environ)
        self.get_css_variables()  # Textual would take up the theme's after the screens have drawn
        for screen in self.screen_stack:
            if isinstance(screen, KeyedScreen) and screen.is_mounted:  # else it has drawn nothing yet
                screen.preferences_changed()

    def action_preferences(self) -> None:
        """Change what is a matter of taste."""
        from noctis_tui.interface.preferences.screen import PreferencesScreen  # noqa: PLC0415 - when asked for

        if not any(isinstance(screen, PreferencesScreen) for screen in self.screen_stack):
            self.push_screen(PreferencesScreen())

    def action_help(self) -> None:
        """Show what the keys of the present screen do."""
        from noctis_tui.interface.dialogs.help import HelpScreen  # noqa: PLC0415 - only when asked for

        if isinstance(self.screen, KeyedScreen) and not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen.contexts))

    def action_palette(self) -> None:
        """Find a command of the present screen by name."""
        from noctis_tui.interface.palette import ActionProvider, Palette  # noqa: PLC0415 - only when asked for

        self.push_screen(Palette(providers=[ActionProvider], placeholder="Find a command"))

    def action_redraw(self) -> None:
        """Draw every cell again, after something else wrote to the terminal."""
        self.clear_terminal()
        self.screen.refresh(layout=True)

    def clear_terminal(self) -> None:
        """Blank the terminal, so that the next drawing starts from nothing."""
        if self._driver is not None:
            self._driver.write("\x1b[2J")
            pictures_of(self).lost()


def _own_log() -> Path:
    """Return where the log goes while there is no archive (`noctis view`)."""
    from platformdirs import user_log_path  # noqa: PLC0415 - only when something broke

    return user_log_path("noctis")


def _known_theme(name: str) -> str:
    known = [theme.name for theme in THEMES]
    if name in known:
        return name
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    raise BadInput(f"theme: there is no theme {visible(name, 40)}; did you mean {(nearest or known)[0]}?")
