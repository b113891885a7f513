from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from archive.errors import ArchiveBusy
from archive.local_archive import LocalArchive
from archive.storage.lease import BRIEF, Lease, holder

HOLDER = """
    import sys, time
    from pathlib import Path
    from archive.local_archive import LocalArchive
    archive = LocalArchive.open(Path(sys.argv[1]))
    lease = archive.hold("receive")
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def archive(tmp_path):
    with LocalArchive.open(tmp_path) as opened:
        yield opened


def test_a_second_holder_is_told_who_the_first_is(archive):
    assert holder(archive.layout.run) is None
    with archive.hold("receive"):
        assert holder(archive.layout.run) == f"receive, process {os.getpid()}"
        with pytest.raises(ArchiveBusy, match=f"held by receive, process {os.getpid()}") as told:
            archive.hold("import")
    assert told.value.exit_code == 75
    assert holder(archive.layout.run) is None
    archive.hold("import").release()


def test_the_lease_ends_with_its_process_however_it_ends(archive):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", textwrap.dedent(HOLDER), str(archive.root)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout.readline() == "held\n"
        assert holder(archive.layout.run) == f"receive, process {process.pid}"
        with pytest.raises(ArchiveBusy, match=f"receive, process {process.pid}"):
            archive.hold("import")
    finally:
        process.kill()
        process.wait()
    archive.hold("import").release()


def test_a_brief_holder_is_waited_for(archive):
    brief = Lease(archive.layout.run, BRIEF)
    threading.Timer(0.2, brief.release).start()
    archive.hold("receive").release()


def test_an_onlooker_is_no_holder(archive):
    record = archive.layout.run / "lease"
    record.write_text('{"pid": 1, "who": "receive"}')  # of one that was killed
    with record.open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        threading.Timer(0.02, fcntl.flock, (looking, fcntl.LOCK_UN)).start()
        archive.hold("receive").release()


def test_what_must_happen_before_others_write_happens_before(archive):
    order = []
    lease = archive.hold("test")
    lease.before_release(lambda: order.append(holder(archive.layout.run) is not None))
    lease.release()
    lease.release()
    assert order == [True]
    assert not lease.held


def test_many_processes_open_a_new_archive_at_once(tmp_path):
    script = "import sys; from pathlib import Path; from archive.local_archive import LocalArchive\n"
    script += "archive = LocalArchive.open(Path(sys.argv[1])); print(archive.index.fetch('SELECT 1')[0][0])"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script, str(tmp_path / "new")]
    started = time.monotonic()
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        for _ in range(4)
    ]
    ended = [process.communicate(timeout=60) for process in processes]
    assert [out for out, _ in ended] == ["1\n"] * 4, (ended, time.monotonic() - started)
