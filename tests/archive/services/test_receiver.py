"""The receiver against the senders of this world: DCMTK, pynetdicom and Orthanc, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
import zlib
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)
from pynetdicom import AE
from receiver_process import ReceiverProcess, run_noctis
from senders import data_set_bytes, program, run_program

from archive.dicom.sop_classes import storage_sop_classes, transfer_syntaxes

pytestmark = pytest.mark.peer
CT_SMALL = Path(get_testdata_file("CT_small.dcm"))


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    with ReceiverProcess(tmp_path_factory.mktemp("archive"), "--jsonl") as process:
        yield process


@pytest.fixture
def stored(receiver):
    """Return what the archive stored of a SOP Instance UID: (transfer syntax, data set bytes)."""
    archive = receiver.process.args[receiver.process.args.index("--archive") + 1]

    def stored(sop_instance_uid):
        for path in Path(archive, "instances").rglob("*.dcm"):
            meta = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=[]).file_meta
            if meta.MediaStorageSOPInstanceUID == sop_instance_uid:
                return str(meta.TransferSyntaxUID), data_set_bytes(path)
        return None

    return stored


def copy_of(folder, source, **attributes):
    """Write a copy of a file with a new SOP Instance UID; return (path, UID)."""
    ds = pydicom.dcmread(source)
    ds.pop(0xFFFCFFFC, None)  # trailing padding, which DCMTK does not send
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid()
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    path = folder / f"{ds.SOPInstanceUID}.dcm"
    ds.save_as(path, enforce_file_format=True)
    return normalized(path), str(ds.SOPInstanceUID)


def normalized(path, *options):
    """Write a file as DCMTK writes it: storescu and dcmsend decode and encode again what they send."""
    code, output = run_program("dcmconv", *options, path, path)
    assert code == 0, output
    return path


@pytest.mark.parametrize(
    ("option", "syntax"),
    [("-xi", ImplicitVRLittleEndian), ("-xe", ExplicitVRLittleEndian), ("-xb", ExplicitVRBigEndian),
     ("-xd", DeflatedExplicitVRLittleEndian)],
)  # fmt: skip
def test_storescu_keeps_the_syntax_that_it_proposes(receiver, stored, tmp_path, option, syntax):
    path, uid = copy_of(tmp_path, CT_SMALL)
    normalized(path, option.replace("-x", "+t"))
    code, output = run_program("storescu", option, "127.0.0.1", receiver.port, path)
    assert code == 0, output
    kept_syntax, kept = stored(uid)
    assert kept_syntax == syntax
    if syntax == DeflatedExplicitVRLittleEndian:  # deflated anew: only what comes out of it is the same
        assert zlib.decompress(kept, -15) == zlib.decompress(data_set_bytes(path), -15)
    else:
        assert kept == data_set_bytes(path)


@pytest.mark.parametrize(
    ("option", "name", "syntax"),
    [("-xv", "MR_small_jp2klossless.dcm", JPEG2000Lossless), ("-xr", "MR_small_RLE.dcm", RLELossless)],
)
def test_storescu_sends_compressed_data_unchanged(receiver, stored, tmp_path, option, name, syntax):
    path, uid = copy_of(tmp_path, get_testdata_file(name))
    code, output = run_program("storescu", option, "127.0.0.1", receiver.port, path)
    assert code == 0, output
    assert stored(uid) == (syntax, data_set_bytes(path))


def test_dcmsend_sends_a_folder(receiver, stored, tmp_path):
    uids = [copy_of(tmp_path, CT_SMALL, InstanceNumber=number)[1] for number in range(5)]
    code, output = run_program("dcmsend", "-v", "+sd", "+r", "127.0.0.1", receiver.port, tmp_path)
    assert code == 0, output
    for uid in uids:
        assert stored(uid) == (ExplicitVRLittleEndian, data_set_bytes(tmp_path / f"{uid}.dcm"))


def test_pynetdicom_sends_with_several_syntaxes_in_one_context(receiver, stored, tmp_path):
    path, uid = copy_of(tmp_path, CT_SMALL)
    ae = AE()
    ae.add_requested_context("1.2.840.10008.5.1.4.1.1.2", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
    association = ae.associate("127.0.0.1", receiver.port)
    status = association.send_c_store(path)
    association.release()
    assert status.Status == 0
    assert stored(uid) == (ExplicitVRLittleEndian, data_set_bytes(path))


def test_every_storage_class_and_every_transfer_syntax_is_accepted(receiver):
    classes, syntaxes = storage_sop_classes(), transfer_syntaxes()
    assert len(classes) > 150
    proposals = [(sop_class, syntaxes[0]) for sop_class in classes] + [
        (classes[0], each) for each in syntaxes
    ]
    for start in range(0, len(proposals), 128):
        ae = AE()
        for sop_class, syntax in proposals[start : start + 128]:
            ae.add_requested_context(sop_class, syntax)
        association = ae.associate("127.0.0.1", receiver.port)
        assert association.is_established
        assert not association.rejected_contexts
        association.release()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def orthanc(folder, modality_port):
    """A throw-away Orthanc that knows the receiver as a modality; yields the port of its REST API."""
    http = free_port()
    settings = {
        "DicomPort": free_port(),
        "HttpPort": http,
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "Plugins": [],
        "DicomModalities": {"noctis": ["NOCTIS_SCP", "127.0.0.1", modality_port]},
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    process = subprocess.Popen(
        [program("Orthanc"), str(folder / "orthanc.json")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield http
    finally:
        process.terminate()
        process.wait(20)


def rest(port, path, body):
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", body, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.1)
    raise AssertionError("Orthanc does not answer")


def test_orthanc_sends(receiver, stored, tmp_path):
    sources = tmp_path / "sources"
    sources.mkdir()
    files = [copy_of(sources, CT_SMALL, InstanceNumber=number) for number in range(4)]
    with orthanc(tmp_path, receiver.port) as http:
        ids = [rest(http, "/instances", path.read_bytes())["ID"] for path, _ in files]
        assert rest(http, "/modalities/noctis/echo", b"{}") == {}
        sent = rest(http, "/modalities/noctis/store", json.dumps(ids).encode())
    assert sent["InstancesCount"] == 4
    assert sent["FailedInstancesCount"] == 0
    for path, uid in files:
        assert stored(uid) == (ExplicitVRLittleEndian, data_set_bytes(path))


@contextlib.contextmanager
def bit_preserving_storescp(folder):
    """DCMTK's own receiver, which writes what comes as it comes; yields its port."""
    port = free_port()
    process = subprocess.Popen(
        [
            program("storescp"),
            "--bit-preserving",
            "--accept-all",
            "--output-directory",
            str(folder),
            str(port),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            if run_program("echoscu", "127.0.0.1", port)[0] == 0:
                break
        yield port
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.shared
async def test_what_four_senders_send_at_once_is_all_there(tmp_path, shared_data):
    names = ["mr_liver_haste_coronal", "rgb_series", "mr_four_syntaxes_one_series", "mr_dti_4d"]
    folders = [shared_data / "volumes" / name for name in names]
    (tmp_path / "sent").mkdir()
    with bit_preserving_storescp(tmp_path / "sent") as port:
        for folder in folders:
            assert run_program("dcmsend", "+sd", "+r", "127.0.0.1", port, folder)[0] == 0
    sent = {data_set_bytes(path) for path in (tmp_path / "sent").iterdir()}
    archive = tmp_path / "archive"
    with ReceiverProcess(archive) as receiver:
        sending = [
            asyncio.to_thread(run_program, "dcmsend", "+sd", "+r", "127.0.0.1", receiver.port, folder)
            for folder in folders
        ]
        results = await asyncio.gather(*sending)
        assert [code for code, _ in results] == [0] * 4, results
        listed = json.loads(run_noctis(archive, "studies", "--json").stdout)
        assert receiver.end()[0] == 0
    kept = {data_set_bytes(path) for path in (archive / "instances").rglob("*.dcm")}
    assert sum(row["instances"] for row in listed) == len(kept) == len(sent)
    assert kept == sent
