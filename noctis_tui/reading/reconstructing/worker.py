"""The process that reconstructs: an order on standard input, how far it is on standard output.

It may be killed at any time, and is when its parent ends. Each line of the answer is a JSON object:
``{"progress": [done, total, what]}``, ``{"note": sentence}``, and last ``{"outputs": [path...]}`` or
``{"error": sentence, "exit_code": n}``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any, TextIO

from archive.dicom.text import visible
from archive.errors import NoctisError
from archive.process_identity import end_with
from noctis_tui.reading.reconstructing.order import Order

if TYPE_CHECKING:
    from archive.progress import Progress

_TELL_SECONDS = 0.1


def main() -> None:
    """Do what the order says."""
    order = Order.from_json(json.loads(sys.stdin.buffer.read()))
    end_with(order.parent_pid)
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints is no answer
    _Work(order, answers).run()


class _Work:
    def __init__(self, order: Order, answers: TextIO) -> None:
        self._order = order
        self._answers = answers
        self._told_at = -_TELL_SECONDS

    def run(self) -> None:
        """Reconstruct, and say how it ended."""
        from noctis_tui.reading.reconstructing.run import reconstruct  # noqa: PLC0415 - within the answer

        order = self._order
        try:
            outputs = reconstruct(
                order.files, order.asked, order.output, listener=self._listen, tell=self._note
            )
        except NoctisError as error:
            self._say({"error": str(error), "exit_code": error.exit_code})
        except OSError as error:
            reason = error.strerror or "the disk refused"
            out = visible(str(order.output.out), 120)
            self._say({"error": f"{out} cannot be written: {reason}.", "exit_code": 2})
        except MemoryError:
            self._say({"error": "There is not enough memory for that.", "exit_code": 2})
        else:
            self._say({"outputs": [os.fsencode(path).hex() for path in outputs]})

    def _listen(self, progress: Progress, /) -> None:
        if time.monotonic() - self._told_at >= _TELL_SECONDS:
            self._told_at = time.monotonic()
            self._say({"progress": [progress.done, progress.total, progress.what]})

    def _note(self, sentence: str, /) -> None:
        self._say({"note": sentence})

    def _say(self, answer: dict[str, Any]) -> None:
        self._answers.write(json.dumps(answer) + "\n")
        self._answers.flush()


if __name__ == "__main__":
    main()
