"""What the disk itself takes: the same bytes into new files, synced in groups, and nothing else done.

    python benchmarks/disk_ceiling.py FOLDER INSTANCES --writers 4

Each writer makes a file, writes it and syncs its data; the folder is synced once for all who wait for it. No
network, no hash, no header, no index. Prints files a second.
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from pathlib import Path


class GroupSync:
    """Syncs a folder once for everybody whose file was made durable before it began."""

    def __init__(self, folder):
        self.folder = os.open(folder, os.O_RDONLY)
        self.turn = threading.Condition()
        self.wanted = self.done = 0
        self.busy = False

    def wait(self):
        with self.turn:
            self.wanted += 1
            mine = self.wanted
            while self.done < mine:
                if self.busy:
                    self.turn.wait()
                    continue
                self.busy, upto = True, self.wanted
                self.turn.release()
                os.fsync(self.folder)
                self.turn.acquire()
                self.busy, self.done = False, upto
                self.turn.notify_all()


def write(folder, contents, sync):
    for name, content in contents:
        file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(file, content)
        os.fdatasync(file)
        os.close(file)
        sync.wait()


def run(folder, instances, writers):
    contents = [(path.name, path.read_bytes()) for path in sorted(instances.iterdir())]
    sync = GroupSync(folder)
    threads = [
        threading.Thread(target=write, args=(folder, contents[number::writers], sync))
        for number in range(writers)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(contents) / (time.perf_counter() - begun)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("instances", type=Path)
    parser.add_argument("--writers", type=int, default=1)
    arguments = parser.parse_args()
    print(run(arguments.folder, arguments.instances, arguments.writers))


if __name__ == "__main__":
    main()
