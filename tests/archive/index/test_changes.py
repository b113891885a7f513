from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap

import pytest
from arrivals import sent, spooled

from archive.index import changes
from archive.index.changes import changed_since, current_sequence, follow
from archive.ingest import accept
from archive.local_archive import LocalArchive
from archive.reindexing import rebuild

FOLLOWER = """
    import asyncio, sys
    from pathlib import Path
    from archive.index.changes import follow
    from archive.index.worklist import studies
    from archive.local_archive import LocalArchive

    async def main():
        with LocalArchive.open(Path(sys.argv[1])) as archive:
            print("following", flush=True)
            async for change in follow(archive, since=0, poll_seconds=60):
                for row in studies(archive.index, ids=change.study_ids):
                    print(row.study_instance_uid, row.instance_count, flush=True)

    asyncio.run(main())
"""


def study(number, instance=1):
    return sent(study=f"1.{number}", series=f"1.{number}.1", sop=f"1.{number}.1.{instance}")


def keep(archive, lease, *instances):
    return accept(archive, lease, [spooled(archive, instance) for instance in instances])


@pytest.fixture(params=["on disk", "temporary"])
def archive(request, tmp_path):
    opened = LocalArchive.temporary() if request.param == "temporary" else LocalArchive.open(tmp_path)
    with opened:
        yield opened


def test_every_touched_study_gets_a_number_of_its_own(archive):
    assert current_sequence(archive.index) == 0
    with archive.hold("test") as lease:
        keep(archive, lease, study(1), study(2))
        assert changed_since(archive.index, 0) == changes.Changes(2, (1, 2), ())
        keep(archive, lease, study(1, 2))
        assert changed_since(archive.index, 2) == changes.Changes(3, (1,), ())
        assert changed_since(archive.index, 0) == changes.Changes(3, (2, 1), ())
        keep(archive, lease, study(1, 2))
    assert changed_since(archive.index, 3) == changes.Changes(3, (), ())


def test_removed_studies_are_named(archive):
    with archive.index.transaction() as cursor:
        cursor.execute("UPDATE counter SET value = 1 WHERE name = 'change'")
        cursor.execute("INSERT INTO tombstone VALUES (1, x'00', '1.2.3')")
    assert changed_since(archive.index, 0) == changes.Changes(1, (), ("1.2.3",))


async def test_a_follower_that_knows_nothing_hears_all_first(archive):
    with archive.hold("test") as lease:
        keep(archive, lease, study(1))
    async for change in follow(archive, since=0):
        assert change.study_ids == (1,)
        break


async def test_a_follower_hears_that_the_index_was_made_again(tmp_path):
    with LocalArchive.open(tmp_path) as archive, archive.hold("test") as lease:
        keep(archive, lease, study(1), study(2))
        heard = aiter(follow(archive, since=0, poll_seconds=0.1))
        assert len((await anext(heard)).study_ids) == 2
        await asyncio.to_thread(rebuild, archive, lease)
        again = await anext(heard)
        assert (again.rebuilt, again.study_ids) == (True, ())
        keep(archive, lease, study(3))
        assert len((await anext(heard)).study_ids) == 1
        await heard.aclose()


async def test_following_can_be_cancelled_and_leaves_no_socket(archive):
    async def forever():
        async for _ in follow(archive, poll_seconds=60):
            pass

    following = asyncio.create_task(forever())
    for _ in range(500):
        if list(archive.layout.run.glob("follower-*")):
            break
        await asyncio.sleep(0.01)
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    for _ in range(100):
        if not list(archive.layout.run.glob("follower-*")):
            break
        await asyncio.sleep(0.01)
    assert not list(archive.layout.run.glob("follower-*"))


async def test_a_follower_whose_bell_is_broken_polls(archive, monkeypatch):
    monkeypatch.setattr(changes, "wake_followers", lambda run: None)
    monkeypatch.setattr("archive.ingest.group.wake_followers", lambda run: None)
    following = follow(archive, poll_seconds=0.05)
    waiting = asyncio.create_task(anext(following))
    await asyncio.sleep(0.1)
    with archive.hold("test") as lease:
        await asyncio.to_thread(keep, archive, lease, study(1))
    assert (await asyncio.wait_for(waiting, 10)).study_ids == (1,)
    await following.aclose()


def test_a_dead_followers_socket_is_swept(archive):
    import socket

    dead = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    dead.bind(str(archive.layout.run / "follower-dead"))
    dead.close()
    changes.wake_followers(archive.layout.run)
    assert not list(archive.layout.run.glob("follower-*"))


def test_a_full_bell_never_blocks_the_writer(archive):
    import socket

    deaf = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    deaf.bind(str(archive.layout.run / "follower-deaf"))
    for _ in range(2000):
        changes.wake_followers(archive.layout.run)
    deaf.close()


@pytest.mark.parametrize("depth", [0, 6])
def test_another_process_hears_at_once_however_deep_the_archive_lies(tmp_path, depth):
    root = tmp_path.joinpath(*["a rather long folder name"] * depth)
    root.mkdir(parents=True, exist_ok=True)
    with LocalArchive.open(root) as archive, archive.hold("test") as lease:
        follower = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(FOLLOWER), str(root)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        try:
            assert follower.stdout.readline() == "following\n"
            keep(archive, lease, study(1))
            assert follower.stdout.readline() == "1.1 1\n"
            keep(archive, lease, study(1, 2))
            assert follower.stdout.readline() == "1.1 2\n"
        finally:
            follower.kill()
            follower.wait()


async def test_the_loop_stays_free_while_the_index_is_busy():
    with LocalArchive.temporary() as archive:
        following = follow(archive, since=0)
        with archive.index.lock:
            waiting = asyncio.create_task(anext(following))
            for _ in range(5):
                await asyncio.sleep(0.01)
            assert not waiting.done()
        with archive.hold("test") as lease:
            await asyncio.to_thread(keep, archive, lease, study(1))
        assert (await asyncio.wait_for(waiting, 10)).study_ids == (1,)
        await following.aclose()
