"""Ctrl+Z, and fg behind it, at a moment when the application can take it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App


def stop_between_events(app: App[Any]) -> None:
    """Let an application that runs be stopped and continued between two events.

    Textual's handlers write to the terminal wherever they interrupt. In the midst of another write, with the
    lock of the writer's queue held, they would wait for themselves for ever.
    """
    driver = app._driver  # noqa: SLF001 - whose handlers they are
    if not isinstance(driver, LinuxDriver):
        return
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):  # not in the main thread
        loop.add_signal_handler(signal.SIGTSTP, driver._sigtstp_application)  # noqa: SLF001 - the same
        loop.add_signal_handler(signal.SIGCONT, _go_on, app, driver)


def _go_on(app: App[Any], driver: LinuxDriver) -> None:
    """Take the terminal again, whoever stopped the application; not when it is on its way out.

    Textual would start a second thread that reads beside the first, which then reads for ever: what SIGSTOP
    stopped has not been told, and a hang-up comes with SIGCONT.
    """
    if app._exit:  # noqa: SLF001 - nothing public tells
        return
    if not driver._must_signal_resume:  # noqa: SLF001 - set by its own way of stopping
        driver.suspend_application_mode()
        driver._must_signal_resume = True  # noqa: SLF001 - the same
    driver._sigcont_application()  # noqa: SLF001 - the same
