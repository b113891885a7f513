"""`noctis receive` over TLS with DCMTK's sender, from the site's TOML to the stored file."""

from __future__ import annotations

import signal
import socket
import ssl
import time
from io import BytesIO

import pytest
from certificates import Certificates
from pydicom import dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.filereader import read_dataset
from raw_peer import IMPLICIT
from receiver_process import ReceiverProcess, run_noctis
from senders import CT, instance, run_program


@pytest.fixture
def certificates(tmp_path):
    (tmp_path / "tls").mkdir()
    return Certificates(tmp_path / "tls")


def write_settings(certificates):
    """Give the archive, which is the folder above, its `[receiver.tls]` with relative paths."""
    archive = certificates.folder.parent
    key, certificate = (path.relative_to(archive) for path in certificates.ours)
    (archive / "noctis.toml").write_text(
        f'[receiver.tls]\ncertificate = "{certificate}"\nkey = "{key}"\nca = "tls/ca.pem"\n'
    )
    return archive


def written(folder):
    """Write an instance that DCMTK can send."""
    sent = instance()
    ds = read_dataset(BytesIO(sent.data_set), is_implicit_VR=True, is_little_endian=True)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = CT, sent.sop_uid
    ds.file_meta.TransferSyntaxUID = IMPLICIT
    dcmwrite(folder / "sent.dcm", ds, enforce_file_format=True)
    return folder / "sent.dcm", sent


def test_a_sender_with_a_good_certificate_stores_and_others_do_not(tmp_path, certificates):
    archive = write_settings(certificates)
    path, sent = written(tmp_path)
    good, bad = certificates.issue("good"), certificates.issue("bad", trusted=False)
    with ReceiverProcess(archive, "--jsonl") as receiver:
        address = ("127.0.0.1", receiver.port, path)
        for shown in (bad, good):
            code, said = run_program("storescu", "-v", "+tls", *shown, "+cf", certificates.ca, *address)
            assert (code == 0) is (shown is good), said
        assert run_program("storescu", *address)[0] != 0
        code, events, log = receiver.end()
    assert code == 0
    assert [event["event"] for event in events] == [
        "association_rejected", "association_accepted", "instance_stored", "association_ended",
        "association_rejected",
    ]  # fmt: skip
    assert events[2]["sop_instance_uid"] == sent.sop_uid
    assert "its certificate is signed by none that receiver.tls.ca names" in log
    assert "Traceback" not in log


def test_a_hangup_picks_up_a_renewed_certificate_and_keeps_the_old_one_when_it_cannot(certificates):
    archive = write_settings(certificates)
    client = certificates.issue("good")
    with ReceiverProcess(archive) as receiver:

        def shown():
            context = certificates.client(client)
            with (
                socket.create_connection(("127.0.0.1", receiver.port), 10) as connection,
                context.wrap_socket(connection, server_hostname="127.0.0.1") as encrypted,
            ):
                return ssl.DER_cert_to_PEM_cert(encrypted.getpeercert(binary_form=True))

        before = shown()
        certificates.ours = certificates.issue("ours")
        assert shown() == before
        receiver.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 10
        while shown() == before and time.monotonic() < until:
            time.sleep(0.05)
        renewed = shown()
        assert renewed in certificates.ours[1].read_text()
        certificates.ours[1].write_text("noise")
        receiver.process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        assert shown() == renewed
        _, _, log = receiver.end()
    assert "The settings stay as they are: receiver.tls" in log


def test_a_certificate_that_cannot_be_used_is_one_sentence(certificates):
    archive = write_settings(certificates)
    certificates.ours[0].unlink()
    refused = run_noctis(archive, "receive", "--port", 0)
    assert refused.returncode == 2
    assert "receiver.tls.key" in refused.stderr
    assert "Traceback" not in refused.stderr
