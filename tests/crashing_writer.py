"""A writer that kills itself at one named point: run as a process by `test_crash.py`.

Usage: crashing_writer.py ARCHIVE POINT CALLS COUNT [early]; "early" lets it die while it recovers. Prints
the SOP Instance UID of every acknowledged instance.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import time
from pathlib import Path

from arrivals import sent, spooled

from archive.index import recording
from archive.ingest import Line, group
from archive.ingest import line as line_module
from archive.local_archive import LocalArchive
from archive.storage import placement, spool

POINTS = {
    "while a part is written": (spool.Part, "write", "before"),
    "before a part is durable": (spool.Part, "sync", "before"),
    "before it is sealed": (spool.Part, "seal", "before"),
    "after it is sealed": (spool.Part, "seal", "after"),
    "before the journal is durable": (placement.Placement, "journal", "before"),
    "before it is placed": (placement.Placement, "place", "before"),
    "after it is placed": (placement.Placement, "place", "after"),
    "after its folder is durable": (placement.Placement, "flush", "after"),
    "inside the transaction": (recording.Draft, "write", "after"),
    "after the commit": (group, "record", "after"),
    "before it leaves the journal": (group.Group, "tidy", "before"),
    "after it left the journal": (placement.Placement, "drop", "after"),
}


def arm(point: str, calls: int) -> None:
    owner, name, when = POINTS[point]
    original, turns = getattr(owner, name), itertools.count(1)  # several threads come by here

    def dying(*args, **kwargs):
        last = next(turns) == calls
        if last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, dying)


def main() -> None:
    root, point, calls, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    if POINTS[point][1] == "flush":
        line_module.LULL_SECONDS = 0.0  # else there is one flush, at the end
    with LocalArchive.open(root) as archive, archive.hold("crashing") as lease:
        if "early" in sys.argv:
            arm(point, calls)
        line = Line(archive, lease)
        if "early" not in sys.argv:
            arm(point, calls)
        waiting = []
        for number in range(count):
            instance = sent(sop=f"1.2.3.{number}", InstanceNumber=str(number), pixels=bytes([number]) * 5000)
            waiting.append((instance.sop, line.submit(spooled(archive, instance))))
            if number % 2:  # so that there are groups enough for every call that may be the last
                for uid, outcome in waiting:
                    outcome.result()
                    os.write(1, f"{uid}\n".encode())
                waiting.clear()
                while POINTS[point][1] == "flush" and line.unsettled:
                    time.sleep(0.001)
        line.close()


if __name__ == "__main__":
    main()
