"""The `noctis` command from its first moment on; `python -m noctis_tui` is the same."""

from __future__ import annotations

import os
import signal

_INTERRUPTED = 130


def main() -> None:
    """Run the command line; what is interrupted while it starts ends with 130, as later."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup's, or a script's background
            signal.signal(number, lambda *_: os._exit(_INTERRUPTED))
    from noctis_tui.cli import main as command_line  # noqa: PLC0415 - the signals come first

    command_line()


if __name__ == "__main__":
    main()
