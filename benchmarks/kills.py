"""Kill the receiver again and again under load; then look for what was acknowledged.

    python benchmarks/kills.py [--kills 200] [--associations 4] [--folder DIR]

Every kill is a SIGKILL at a random moment of a receiver that takes instances of 2 KB to 640 KB from four
associations; one in ten comes while the receiver starts and adopts what the last one left. After each, the
senders send again what was not acknowledged. In the end every stored byte is compared with what was sent.
Wanted: nothing lost, corrupt, orphaned or left over. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from load import SIZES, Receiver, Senders, data_set, number_of
from receivers import ENVIRONMENT

NO_RESERVE = "[storage]\nminimum_free_bytes = 0\nminimum_free_percent = 0\n"


@dataclass
class Report:
    """What is there after the last start, against what was acknowledged."""

    kills: int
    acknowledged: int
    kept: int
    lost: int
    """Acknowledged and not in the index."""
    corrupt: int
    """In the index, and the file is missing or not what was sent."""
    orphans: int
    """Files that no row knows, and rows of the same file."""
    left_over: int
    """Files in `incoming` and in quarantine."""
    refused: int
    """Answers other than 0000."""
    unanswered: int
    """Instances that a receiver that lived did not answer within half a minute."""
    seconds: float

    @property
    def clean(self):
        wrong = self.lost + self.corrupt + self.orphans + self.left_over + self.refused + self.unanswered
        return wrong == 0


def rounds(archive, kills, senders, seed):
    """Start, load and kill a receiver so many times, then let one start and end in peace."""
    moments = random.Random(seed)
    killed = 0
    while killed < kills:
        with Receiver(archive) as receiver:
            if killed and moments.random() < 0.1:
                time.sleep(moments.uniform(0.2, 1.2))  # while it starts
            else:
                receiver.ready()
                senders.start(receiver.port)
                time.sleep(moments.uniform(0.02, 0.6))
            receiver.process.send_signal(signal.SIGKILL)
            receiver.process.wait()
            senders.join()
            killed += 1
    with Receiver(archive) as receiver:
        receiver.ready()
        senders.start(receiver.port, each=1)
        senders.join()
        assert receiver.end() == 0
    return killed


def compared(archive, acknowledged, sizes=SIZES):
    """Compare what the archive holds with what was sent; return (kept, lost, corrupt, orphans, left over)."""
    from archive.index import worklist
    from archive.local_archive import LocalArchive

    found = {}
    with LocalArchive.open(archive) as opened:
        layout = opened.layout
        for study in worklist.studies(opened.index, limit=None):
            for series in worklist.series_of(opened.index, study.id):
                for row in worklist.instances_of(opened.index, series.id):
                    found[number_of(row.sop_instance_uid)] = row.path
        files = {path for kind in (layout.instances, layout.variants) for path in kind.rglob("*.dcm")}
        left = [path for folder in (layout.incoming, layout.quarantine) for path in folder.iterdir()]
    corrupt = sum(not _is_what_was_sent(path, number, sizes) for number, path in found.items())
    orphans = len(files ^ set(found.values())) + len(found) - len(set(found.values()))
    return len(found), len(acknowledged - set(found)), corrupt, orphans, len(left)


def _is_what_was_sent(path, number, sizes):
    try:
        raw = path.read_bytes()
    except OSError:
        return False
    meta = 132 + 12 + int.from_bytes(raw[140:144], "little")
    return raw[meta:] == data_set(number, sizes)


def kill(archive, kills, *, associations=4, seed=1):
    """Run it all; return the report."""
    archive.mkdir(parents=True, exist_ok=True)
    (archive / "noctis.toml").write_text(NO_RESERVE)
    began = time.monotonic()
    senders = Senders(associations)
    killed = rounds(archive, kills, senders, seed)
    seconds = time.monotonic() - began
    refused = sum(count for status, count in senders.statuses.items() if status != "0000")
    found = compared(archive, senders.acknowledged)
    return Report(killed, len(senders.acknowledged), *found, refused, senders.unanswered, round(seconds, 1))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--associations", type=int, default=4)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="on the disk to use")
    arguments = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parent.parent))
    work = Path(tempfile.mkdtemp(prefix="noctis-kills-", dir=arguments.folder))
    try:
        report = kill(
            work / "archive", arguments.kills, associations=arguments.associations, seed=arguments.seed
        )
        print(json.dumps({"seed": arguments.seed} | asdict(report)))
        command = [sys.executable, "-m", "noctis_tui", "--archive", work / "archive", "verify", "--json"]
        verified = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        print("noctis verify:", verified.stdout.strip() or verified.stderr.strip())
    finally:
        shutil.rmtree(work)
    sys.exit(0 if report.clean and verified.returncode == 0 else 1)


if __name__ == "__main__":
    main()
