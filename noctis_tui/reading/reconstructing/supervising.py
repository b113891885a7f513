"""Watching over the process that reconstructs: what it says is passed on, what it leaves is cleaned up.

The work is done elsewhere so that it can be stopped within 200 ms whatever it does, and so that a crash, or
the kernel when memory runs out, takes nothing else with it.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from archive.errors import NoctisError
from archive.job import State
from archive.progress import Cancelled, CancelToken, Progress, unheard, untold
from archive.unfinished import remove_abandoned

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from archive.progress import ProgressListener
    from noctis_tui.reading.reconstructing.order import Order

_LOOK_SECONDS = 0.02
_COMMAND = (sys.executable, "-m", "noctis_tui.reading.reconstructing.worker")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reconstruction ended; `exit_code` is that of a command which ends with it."""

    state: State
    outputs: tuple[Path, ...] = ()
    error: str = ""
    exit_code: int = 0


def _nobody() -> None:
    """Tell nobody."""


def supervise(
    order: Order,
    *,
    listener: ProgressListener = unheard,
    token: CancelToken | None = None,
    tell: Callable[[str], None] = untold,
    stopped: Callable[[], None] = _nobody,
) -> Outcome:
    """Have a process of its own reconstruct; return how it ended.

    Never raises for what the work does: cancelled, failed and killed are outcomes.

    Parameters
    ----------
    token
        Looked at all the time: when it says so the process is killed.
    tell
        Hears, in sentences, what else the series holds.
    stopped
        Called as soon as a cancelled process has been killed, before what it leaves is removed: much memory,
        and many files, take their time.
    """
    token = token or CancelToken()
    output = replace(order.output, owner=order.output.owner or str(uuid4()))
    order = replace(order, output=output, parent_pid=os.getpid())
    try:
        worker = _started(order)
    except OSError as error:
        return Outcome(State.FAILED, error=f"The work could not be started: {error.strerror}.", exit_code=2)
    try:
        return _outcome(worker, listener, token, tell)
    except Cancelled:
        worker.kill()
        stopped()
        return Outcome(State.CANCELLED, exit_code=130)
    finally:
        worker.kill()
        worker.wait()
        remove_abandoned(output.out.parent, output.owner)


def _started(order: Order) -> subprocess.Popen[bytes]:
    worker = subprocess.Popen(  # noqa: S603 - our own module, the order goes through stdin
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if sys.flags.dev_mode else subprocess.DEVNULL,
        start_new_session=True,  # the terminal's signals are for whoever watches over it
    )
    assert worker.stdin is not None
    said = json.dumps(order.to_json()).encode("ascii")
    threading.Thread(target=_hand_over, args=(worker.stdin, said), daemon=True).start()
    return worker


def _hand_over(pipe: IO[bytes], said: bytes) -> None:
    try:
        with pipe:
            pipe.write(said)
    except OSError:
        return  # it has ended already; its answer, or none, says why


def _outcome(
    worker: subprocess.Popen[bytes],
    listener: ProgressListener,
    token: CancelToken,
    tell: Callable[[str], None],
) -> Outcome:
    answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    assert worker.stdout is not None
    threading.Thread(target=_read, args=(worker.stdout, answers), daemon=True).start()
    while True:
        token.check()
        try:
            answer = answers.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            continue
        if answer is None:
            return _died(worker.wait())
        if "progress" in answer:
            listener(Progress(*answer["progress"]))
        elif "note" in answer:
            tell(answer["note"])
        elif "outputs" in answer:
            outputs = tuple(Path(os.fsdecode(bytes.fromhex(each))) for each in answer["outputs"])
            return Outcome(State.DONE, outputs)
        else:
            return Outcome(State.FAILED, error=answer["error"], exit_code=answer["exit_code"])


def _read(pipe: IO[bytes], answers: queue.SimpleQueue[dict[str, Any] | None]) -> None:
    try:
        for line in pipe:
            answers.put(json.loads(line))
    except (OSError, ValueError):
        pass
    answers.put(None)


def _died(code: int) -> Outcome:
    if code == -signal.SIGKILL:
        why = "its process was killed, perhaps because memory ran out"
    elif code < 0:
        why = f"its process died of {signal.Signals(-code).name}"
    else:
        why = f"its process ended with {code}"
    return Outcome(State.FAILED, error=f"The reconstruction failed: {why}.", exit_code=NoctisError.exit_code)
