"""The embedded receiver: `noctis receive` as a child whose life ends with the interface's.

It is a process of its own so that receiving never competes with the interface for one interpreter. Its
standard input is our pipe: when we end, however we end, the pipe closes and the child drains and ends too.
"""

from __future__ import annotations

import asyncio
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.dicom.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_READY = re.compile(r"READY (?P<host>\S+):(?P<port>\d+) (?P<ae_title>[ -~]{1,16})")
_BUSY = 75
"""Exit code of a receiver whose archive another process holds (command-line contract)."""


@dataclass(frozen=True, slots=True)
class Starting:
    """The child has been started and does not listen yet."""


@dataclass(frozen=True, slots=True)
class Listening:
    """The child listens."""

    host: str
    port: int
    ae_title: str


@dataclass(frozen=True, slots=True)
class Attached:
    """Another process holds the archive and receives for it."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nobody receives; the sentence says why."""

    sentence: str


ReceiverState = Starting | Listening | Attached | Stopped


class EmbeddedReceiver:
    """Starts the child, tells how it is, and ends it.

    Parameters
    ----------
    root
        The archive that it receives into.
    arguments
        Options of `noctis receive`, such as another port.
    listening
        Called with host, port and AE title once the child listens.
    """

    def __init__(
        self,
        root: Path,
        arguments: Sequence[str] = (),
        listening: Callable[[str, int, str], None] | None = None,
    ) -> None:
        self._command = ["-m", "noctis_tui", "--archive", str(root), "receive", "--until-stdin-closes"]
        self._command += arguments
        self._listening = listening
        self._child: asyncio.subprocess.Process | None = None
        self.state: ReceiverState = Starting()

    async def run(self, changed: Callable[[ReceiverState], None]) -> None:
        """Start the child and tell every change of its state until it ends."""
        self._tell(Starting(), changed)
        child = self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # the terminal's signals are for the interface; the pipe is for the child
        )
        assert child.stdout is not None
        assert child.stderr is not None
        complaints = asyncio.create_task(_last_line(child.stderr))
        async for line in child.stdout:
            ready = _READY.fullmatch(line.decode("utf-8", "replace").rstrip("\n"))
            if ready is not None:
                self._tell(Listening(ready["host"], int(ready["port"]), ready["ae_title"]), changed)
                if self._listening is not None:
                    self._listening(ready["host"], int(ready["port"]), ready["ae_title"])
        code = await child.wait()
        self._tell(_ended(code, await complaints), changed)

    async def stop(self, seconds: float) -> None:
        """Close the child's standard input and wait for its drain, so many seconds at most."""
        child = self._child
        if child is None or child.returncode is not None:
            return
        assert child.stdin is not None
        child.stdin.close()
        try:
            await asyncio.wait_for(child.wait(), seconds)
        except TimeoutError:
            child.terminate()

    def _tell(self, state: ReceiverState, changed: Callable[[ReceiverState], None]) -> None:
        self.state = state
        changed(state)


async def _last_line(stream: asyncio.StreamReader) -> str:
    last = ""
    while block := await stream.read(4096):
        lines = (last + block.decode("utf-8", "replace")).splitlines()
        last = next((line for line in reversed(lines) if line.strip()), "")[-1000:]
    return visible(last.removeprefix("noctis: "), 300)


def _ended(code: int, complaint: str) -> ReceiverState:
    if code == _BUSY:
        return Attached(complaint)
    if code == 0:
        return Stopped("The receiver has ended.")
    return Stopped(complaint or f"The receiver ended with exit code {code}.")
