"""Derived series are taken by the archives of this world, and ours, and come back as they were sent."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pydicom
import pytest
from receiver_process import ReceiverProcess, run_noctis
from reconstructed_series import OBLIQUE, loaded, own_slices
from senders import program, run_program

from archive.pixels.voi_lut import Window
from noctis_tui.reading.export.request import Watch
from noctis_tui.reading.reconstruction_output.dicom_series import save_dicom_series

pytestmark = pytest.mark.peer


@pytest.fixture
def made(tmp_path):
    volume, files = loaded(tmp_path / "source", OBLIQUE)
    series = own_slices(volume, files)
    folder = tmp_path / "made"
    folder.mkdir()
    save_dicom_series(folder, series, Window(40, 400), Watch(series.count))
    return folder


def test_storescu_sends_it_to_noctis(made, tmp_path):
    archive = tmp_path / "archive"
    with ReceiverProcess(archive) as receiver:
        code, said = run_program("storescu", "-xe", "+sd", "127.0.0.1", receiver.port, made)
        assert code == 0, said
    (study,) = json.loads(run_noctis(archive, "studies", "--json").stdout)
    (series,) = json.loads(run_noctis(archive, "series", study["study_instance_uid"], "--json").stdout)
    assert (series["modality"], series["instances"]) == ("CT", OBLIQUE.shape[0])
    assert series["description"] == "MPR axial Thorax 3.0"


@contextlib.contextmanager
def orthanc(folder):
    """A throw-away Orthanc; yields the address of its REST API."""
    folder.mkdir()
    with contextlib.ExitStack() as closing:
        ports = []
        for _ in range(2):
            found = closing.enter_context(socket.socket())
            found.bind(("127.0.0.1", 0))
            ports.append(found.getsockname()[1])
    settings = {
        "DicomPort": ports[0],
        "HttpPort": ports[1],
        "StorageDirectory": str(folder),
        "IndexDirectory": str(folder),
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "Plugins": [],
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    command = [program("Orthanc"), str(folder / "orthanc.json")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{ports[1]}"
    finally:
        process.terminate()
        process.wait(20)


def asked(address, path, body=None):
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"{address}{path}", body, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.1)
    raise AssertionError("Orthanc does not answer")


def test_orthanc_takes_it_and_knows_where_it_lies(made, tmp_path):
    with orthanc(tmp_path / "orthanc") as address:
        taken = [asked(address, "/instances", path.read_bytes()) for path in sorted(made.iterdir())]
        assert {each["Status"] for each in taken} == {"Success"}
        (series,) = asked(address, "/series?expand")
        slices = asked(address, f"/series/{series['ID']}/ordered-slices")
    assert slices["Type"] == "Volume"
    assert len(slices["Dicom"]) == OBLIQUE.shape[0]
    assert series["MainDicomTags"]["SeriesDescription"] == "MPR axial Thorax 3.0"
    source = pydicom.dcmread(next((tmp_path / "source").iterdir()))
    assert pydicom.dcmread(min(made.iterdir())).StudyInstanceUID == source.StudyInstanceUID
