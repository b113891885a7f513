"""C-STORE into an archive: what is answered, what is kept, and that nothing is kept of what is refused."""

from __future__ import annotations

import asyncio
import errno
import io
import os
import signal
import threading
import time
import zlib
from dataclasses import replace

import pydicom
import pytest
from raw_peer import ASSOCIATE_AC, CT, IMPLICIT, command_set, p_data, store_request
from running_receiver import emptied, store, talk, until_it_is_gone, writing_process
from senders import data_set_bytes, instance
from writing_thread import WritingThread

from archive.dicom.uids import DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN as DEFLATED
from archive.errors import BadInput
from archive.index.worklist import count_studies, studies
from archive.network.association import Association
from archive.network.association_log import read_associations
from archive.network.diagnosis import diagnose
from archive.services import part_writer, storing
from archive.storage.spool import Part

PRIVATE = "1.2.3.4.5.6.7.8"


@pytest.mark.parametrize("size", [64, 2_048, 262_144, 3_000_000])
async def test_what_is_acknowledged_is_on_disk_as_sent_and_indexed(start, size):
    running, sent = await start(), instance(pixel_bytes=size)
    assert await store(running, sent) == [0]
    (row,) = running.instances()
    assert row.sop_instance_uid == sent.sop_uid
    assert row.transfer_syntax_uid == IMPLICIT
    assert data_set_bytes(row.path) == sent.data_set
    meta = pydicom.dcmread(row.path).file_meta
    assert meta.MediaStorageSOPInstanceUID == sent.sop_uid
    assert meta.TransferSyntaxUID == IMPLICIT
    assert meta.SourceApplicationEntityTitle == "RAW_PEER"
    assert row.path.stat().st_mode & 0o777 == 0o600
    assert running.named("instance_stored")[0]["study_instance_uid"] == sent.study_uid


async def test_several_associations_at_once(start):
    running = await start()
    shares = [[instance("1.2.3", f"1.2.3.{peer}") for _ in range(15)] for peer in range(4)]
    statuses = await asyncio.gather(*(store(running, *share) for share in shares))
    assert statuses == [[0] * 15] * 4
    assert {row.sop_instance_uid for row in running.instances()} == {
        sent.sop_uid for share in shares for sent in share
    }
    (study,) = studies(running.archive.index)
    assert (study.series_count, study.instance_count) == (4, 60)


async def test_the_same_bytes_again_are_acknowledged_and_kept_once(start):
    running, sent = await start(), instance()
    assert await store(running, sent) == [0]
    before = running.instances()[0].path.stat()
    assert await store(running, sent) == [0]
    after = running.instances()[0].path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert [event["outcome"] for event in running.named("instance_stored")] == ["recorded", "duplicate"]


async def test_other_bytes_under_a_known_uid_are_kept_beside_the_first(start):
    running, first = await start(), instance()
    second = instance(first.study_uid, first.series_uid, first.sop_uid, PatientName="Other^Bytes")
    assert await store(running, first, second) == [0, 0]
    assert data_set_bytes(running.instances()[0].path) == first.data_set
    (variant,) = [path for path in running.archive.layout.variants.rglob("*") if path.is_file()]
    assert data_set_bytes(variant) == second.data_set


async def test_other_bytes_are_refused_where_the_site_is_strict(start):
    running, first = await start("[storage]\nstrict_duplicates = true\n"), instance()
    second = instance(first.study_uid, first.series_uid, first.sop_uid, PatientName="Other^Bytes")
    assert await store(running, first, second, first) == [0, 0x0111, 0]
    await emptied(running)


MR = "1.2.840.10008.5.1.4.1.1.4"
REFUSED = {
    "no study": (lambda sent: instance(sop_uid=sent.sop_uid, StudyInstanceUID=None), 0xA900),
    "no series": (lambda sent: instance(sop_uid=sent.sop_uid, SeriesInstanceUID=None), 0xA900),
    "another instance": (lambda sent: replace(instance(), sop_uid=sent.sop_uid), 0xA900),
    "another class": (lambda sent: instance(sop_uid=sent.sop_uid, SOPClassUID=MR), 0xA900),
    "a path for a UID": (lambda sent: replace(sent, sop_uid="../../../etc/passwd"), 0xA900),
    "a long UID": (lambda sent: replace(sent, sop_uid="1." + "2" * 63), 0xA900),
    "no UID": (lambda sent: replace(sent, sop_uid=""), 0xA900),
    "empty": (lambda sent: replace(sent, data_set=b""), 0xC000),
    "truncated value": (lambda sent: replace(sent, data_set=sent.data_set[:-1]), 0xC000),
    "truncated tag": (lambda sent: replace(sent, data_set=sent.data_set + b"\x00\x10\x20"), 0xC000),
    "noise": (lambda sent: replace(sent, data_set=b"\xff" * 500), 0xC000),
}


@pytest.mark.parametrize(("spoil", "status"), REFUSED.values(), ids=REFUSED)
async def test_what_is_refused_has_its_status_and_leaves_nothing(start, spoil, status):
    running, good = await start(), instance()
    assert await store(running, spoil(instance()), good) == [status, 0]
    assert [row.sop_instance_uid for row in running.instances()] == [good.sop_uid]
    await emptied(running)
    assert running.named("instance_refused")[0]["status"] == f"{status:04X}"


async def test_a_data_set_that_is_cut_is_refused_unless_the_cut_leaves_whole_elements(start):
    running, sent = await start(), instance(pixel_bytes=64)
    cuts = [replace(sent, data_set=sent.data_set[:end]) for end in range(1, len(sent.data_set), 3)]
    statuses = await store(running, *cuts)
    assert set(statuses) <= {0xC000, 0xA900, 0}
    assert statuses.count(0) < len(cuts) // 8
    assert statuses[-20:] == [0xC000] * 20  # inside the pixels
    await emptied(running)


async def test_a_class_other_than_the_contexts_is_not_supported(start):
    running = await start()
    assert await store(running, instance(), sop_class=MR) == [0x0122]


async def test_a_store_without_a_data_set_is_refused(start):
    running = await start()

    def conversation(peer):
        peer.associate()
        peer.send(p_data((1, 3, command_set(1, CT, "1.2.3", has_data_set=False))))
        return peer.status()[1]

    assert await talk(running, conversation) == 0xC000


@pytest.mark.parametrize("accepted", [False, True])
async def test_unregistered_sop_classes_are_stored_where_the_site_says_so(start, accepted):
    running = await start(f"[receiver]\naccept_unknown_sop_classes = {str(accepted).lower()}\n")
    sent = instance(SOPClassUID=PRIVATE)
    find = "1.2.840.10008.5.1.4.1.2.2.1"
    contexts = ((1, PRIVATE, (IMPLICIT,)), (3, CT, (IMPLICIT,)), (5, find, (IMPLICIT,)))

    def conversation(peer):
        assert peer.associate(contexts=contexts) == ASSOCIATE_AC
        peer.send(store_request(sent.sop_uid, sent.data_set, sop_class=PRIVATE))
        return peer.read_pdu()[0]

    assert await talk(running, conversation) == (4 if accepted else 7)
    assert len(running.instances()) == accepted


async def test_a_disk_that_is_nearly_full_is_said_and_recovers(start):
    running, sent = await start(f"[storage]\nminimum_free_bytes = {2**62}\n"), instance(pixel_bytes=700_000)
    assert await store(running, sent, sent) == [0xA700, 0xA700]
    await emptied(running)
    storage = running.archive.settings.storage
    running.receiver._writer._settings = storage.model_copy(update={"minimum_free_bytes": 0})
    os.kill(writing_process(running), signal.SIGKILL)  # its successor hears of the room
    await until_it_is_gone(running)
    assert await store(running, sent) == [0]


async def test_what_is_under_way_when_the_process_that_writes_dies_is_refused(start):
    running, sent = await start(), instance(pixel_bytes=3_000_000)

    def conversation(peer):
        assert peer.associate() == ASSOCIATE_AC
        request = store_request(sent.sop_uid, sent.data_set)
        peer.send(request[:2_500_000])
        os.kill(writing_process(running), signal.SIGKILL)
        peer.send(request[2_500_000:])
        return peer.status()[1], peer.store(sent.sop_uid, sent.data_set)

    assert await talk(running, conversation) == (0xA700, 0)
    assert len(running.instances()) == 1


async def test_an_association_that_breaks_leaves_no_part(start):
    running, sent = await start(), instance(pixel_bytes=2_000_000)

    def conversation(peer):
        peer.associate()
        peer.send(store_request(sent.sop_uid, sent.data_set)[:1_500_000])
        peer.reset()

    await talk(running, conversation)
    async with asyncio.timeout(10):
        while not running.named("association_ended"):  # noqa: ASYNC110 - it happens in the receiver
            await asyncio.sleep(0.01)
    await emptied(running)
    assert count_studies(running.archive.index) == 0


async def test_error_comments_name_nobody(start):
    running = await start()
    sent = replace(instance(PatientName="Secret^Name"), sop_uid="1.2.3")

    def conversation(peer):
        peer.associate()
        peer.send(store_request(sent.sop_uid, sent.data_set))
        return peer.read_pdu()[1]

    answer = await talk(running, conversation)
    assert b"Secret" not in answer
    assert b"do not match" in answer
    assert "Secret" not in "".join(event.to_json() for event in running.events)


async def test_what_lacks_its_identity_is_kept_in_quarantine(start):
    running, sent = await start(), instance(StudyInstanceUID=None)
    assert await store(running, sent) == [0xA900]
    (kept,) = running.archive.layout.quarantine.glob("*.dcm")
    assert data_set_bytes(kept) == sent.data_set
    assert list(running.archive.layout.quarantine.glob("*.json"))


async def test_a_quarantine_that_is_full_takes_no_more_bytes(start):
    running = await start("[storage]\nquarantine_bytes = 6000\n")
    assert await store(running, *(instance(StudyInstanceUID=None) for _ in range(4))) == [0xA900] * 4
    assert len(list(running.archive.layout.quarantine.glob("*.dcm"))) <= 2


async def test_a_slow_disk_holds_the_sender_back_and_loses_nothing(start, monkeypatch):
    running, sent = await start(), instance(pixel_bytes=4_000_000)
    write, pause, paused = Part.append, Association.pause, []

    def slow_write(part, data):
        time.sleep(0.01)
        write(part, data)

    monkeypatch.setattr(Part, "append", slow_write)
    monkeypatch.setattr(Association, "pause", lambda association: (paused.append(1), pause(association)))
    assert await store(running, sent, instance()) == [0, 0]
    assert paused
    assert sent.data_set in {data_set_bytes(row.path) for row in running.instances()}


async def test_a_disk_that_fails_ends_the_service(start, monkeypatch):
    running, sent = await start(), instance()

    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", fail)
    monkeypatch.setattr(os, "fsync", fail)
    assert await store(running, sent) == [0xA700]
    await asyncio.wait_for(running.receiver.stopped.wait(), 10)
    assert running.receiver.failure


async def test_what_is_being_written_at_the_end_leaves_neither_trace_nor_traceback(start, caplog):
    running, sent = await start(), instance(pixel_bytes=2_000_000)
    writing = threading.Event()

    def conversation(peer):
        peer.associate()
        peer.send(store_request(sent.sop_uid, sent.data_set)[:-100])
        writing.set()
        return peer.read_pdu()

    process = writing_process(running)
    os.kill(process, signal.SIGSTOP)
    waiting = asyncio.create_task(talk(running, conversation))
    assert await asyncio.to_thread(writing.wait, 10)
    asyncio.get_running_loop().call_later(1, os.kill, process, signal.SIGCONT)
    await running.receiver.stop(0)
    await waiting
    assert not running.incoming()
    assert not caplog.records or "asyncio" not in {record.name for record in caplog.records}


async def test_a_sop_class_that_its_facility_may_not_store_is_answered_0124(start):
    running = await start('[[facility]]\nname = "MR"\nsop_classes = ["1.2.840.10008.5.1.4.1.1.4"]\n')
    assert await store(running, instance(PatientName="Secret^Name")) == [0x0124]
    assert not running.instances()
    (refused,) = running.named("instance_refused")
    assert (refused["status"], refused["factor"]) == ("0124", "sop_class")
    assert refused["reason"] == "MR may not store CT Image Storage."
    assert "Secret" not in str(running.events)
    await running.receiver.stop(0)
    (entry,) = read_associations(running.archive.layout)
    diagnosis = diagnose(entry, running.archive.settings)
    assert diagnosis.why == (
        "Instances of RAW_PEER at 127.0.0.1 were answered 0124: MR may not store CT Image Storage."
    )
    assert diagnosis.facility.sop_classes == ("1.2.840.10008.5.1.4.1.1.4", CT)


async def test_a_facility_that_has_used_its_quota_is_answered_a700_until_it_has_more(start):
    running = await start('[[facility]]\nname = "CT"\ndaily_quota_bytes = 3_000\n')
    assert await store(running, instance(), instance(), instance()) == [0, 0, 0xA700]
    (refused,) = running.named("instance_refused")
    assert (refused["factor"], refused["status"]) == ("quota", "A700")
    assert refused["reason"] == "CT has stored the 3000 bytes that it may store in a day."
    (running.archive.root / "noctis.toml").write_text('[[facility]]\nname = "CT"\n')
    running.receiver.reload()
    assert await store(running, instance()) == [0]


async def test_settings_that_do_not_read_change_nothing(start):
    running = await start('[[facility]]\nname = "CT"\naddresses = ["127.0.0.1"]\n')
    (running.archive.root / "noctis.toml").write_text("[[facility]]\n")
    with pytest.raises(BadInput):
        running.receiver.reload()
    assert await store(running, instance()) == [0]


async def test_a_very_large_instance_does_not_keep_the_others_waiting(start, monkeypatch):
    monkeypatch.setattr(part_writer, "start_process", WritingThread)
    running, large, small = await start(), instance(pixel_bytes=60_000_000), instance()
    append, appended, begun = Part.append, [], threading.Event()

    def slow(part, data):
        appended.append(len(data))
        if len(appended) > 20:
            begun.set()
        time.sleep(0.005)
        append(part, data)

    monkeypatch.setattr(Part, "append", slow)
    sending = asyncio.create_task(store(running, large))
    assert await asyncio.to_thread(begun.wait, 10)
    assert await store(running, small) == [0]
    assert sum(appended) < len(large.data_set) * 3 / 4
    assert await sending == [0]


@pytest.mark.parametrize("place", [(os, "fdatasync"), (Part, "append")], ids=["sync", "write"])
async def test_a_disk_that_hangs_under_an_instance_is_noticed(start, monkeypatch, place):
    monkeypatch.setattr(part_writer, "start_process", WritingThread)
    running, sent = await start(), instance()
    call, hangs = getattr(*place), threading.Event()

    def hang(*arguments):
        hangs.wait(10)
        return call(*arguments)

    monkeypatch.setattr(*place, hang)
    sending = asyncio.create_task(store(running, sent))
    try:
        async with asyncio.timeout(5):
            while running.receiver.stuck_seconds < 0.1:  # noqa: ASYNC110 - it happens in a thread
                await asyncio.sleep(0.01)
    finally:
        hangs.set()
    assert await sending == [0]
    assert running.receiver.stuck_seconds < 0.1


async def test_what_is_deflated_is_never_inflated_on_the_event_loop(start, monkeypatch):
    running, sent, readers = await start(), instance(), []
    parse = storing.parse_data_set

    def parse_data_set(data_set, transfer_syntax):
        readers.append(threading.current_thread())
        return parse(data_set, transfer_syntax)

    monkeypatch.setattr(storing, "parse_data_set", parse_data_set)
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    explicit = pydicom.dcmread(io.BytesIO(sent.data_set), force=True)
    buffer = pydicom.filebase.DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = False, True
    pydicom.filewriter.write_dataset(buffer, explicit)
    deflated = deflate.compress(buffer.getvalue()) + deflate.flush()

    def conversation(peer):
        assert peer.associate(contexts=((1, CT, (DEFLATED,)),)) == ASSOCIATE_AC
        return peer.store(sent.sop_uid, deflated)

    assert await talk(running, conversation) == 0
    assert readers
    assert threading.main_thread() not in readers
