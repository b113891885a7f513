"""The power fails under load: an ext4 file system that loses whatever was not synced, for real.

The file system is cut off from its image by the ioctl that xfstests use for this: nothing that is still in
memory is written any more, not even to the journal. The image is then copied and the copy mounted, as after a
restart.
`tests/archive/ingest/test_crash.py` simulates the same at each step of the line, on every machine.
"""

from __future__ import annotations

import os
import shutil
import time

import kills
import load
import pytest
from kept_instances import adopted, assert_whole
from raw_peer import store_all
from receiver_process import ReceiverProcess
from senders import instance

OPTIONS = {
    "as ext4 is mounted": "defaults",  # its journal commits every five seconds by itself
    "only our own syncs": "commit=300,noauto_da_alloc",
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_everything_acknowledged_is_there_after_a_power_loss(image_disk, tmp_path, options):
    senders = load.Senders(sizes=(2_048, 32_768, 200_000))
    archive = image_disk.path / "archive"
    for round_number in range(2):
        image_disk.mount(options)
        archive.mkdir(exist_ok=True)
        (archive / "noctis.toml").write_text(kills.NO_RESERVE)
        with ReceiverProcess(archive) as receiver:
            lose_power_under_load(image_disk, receiver, senders, 15 + 25 * round_number)
        image_disk.unmount()
        copy = tmp_path / "copy.img"
        shutil.copy(image_disk.image, copy)
        image_disk.mount(options, copy)
        with ReceiverProcess(archive) as receiver:
            assert receiver.end()[0] == 0
        kept, *wrong = kills.compared(archive, senders.acknowledged, senders.sizes)
        assert wrong == [0, 0, 0, 0], "lost, corrupt, orphans, left over"
        assert kept >= len(senders.acknowledged)
        image_disk.unmount()
        shutil.copy(copy, image_disk.image)


def test_what_has_left_the_journal_is_there_after_a_power_loss(image_disk, tmp_path):
    sent = [instance("1.2.3", "1.2.3.4") for _ in range(3)]
    image_disk.mount(OPTIONS["only our own syncs"])
    archive = image_disk.path / "archive"
    archive.mkdir()
    (archive / "noctis.toml").write_text(kills.NO_RESERVE)
    with ReceiverProcess(archive) as receiver:
        assert store_all(receiver.port, *sent) == [0, 0, 0]
        incoming = archive / "incoming"
        until(lambda: not list(incoming.iterdir()))
        synced(incoming)  # the journal is empty for good: nothing else vouches for what it held
        image_disk.lose_power()
        receiver.process.kill()
    image_disk.unmount()
    copy = tmp_path / "copy.img"
    shutil.copy(image_disk.image, copy)
    image_disk.mount("defaults", copy)
    with adopted(archive) as opened:
        whole = {each.sop_uid: each.data_set for each in sent}
        assert_whole(opened, whole, whole)


def until(holds):
    patience = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < patience
        time.sleep(0.01)


def synced(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def lose_power_under_load(disk, receiver, senders, wanted):
    wanted += len(senders.acknowledged)
    senders.start(receiver.port)
    while len(senders.acknowledged) < wanted:
        assert senders.busy
        time.sleep(0.002)
    disk.lose_power()
    receiver.process.wait(20)  # fsync says EIO: it ends as unhealthy by itself
    senders.join()
    assert receiver.process.returncode == 74
