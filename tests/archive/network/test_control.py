"""Other processes' requests to the one that holds the archive."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
from dataclasses import asdict
from pathlib import Path

import annotated
import pytest
from phantoms import write_image
from receiver_process import ReceiverProcess, run_noctis

from archive.annotations.edits import DeleteAnnotation
from archive.errors import ArchiveBusy, BadInput, FailingDisk, NoctisError, OutOfResources
from archive.importing import ImportCounts, Mode
from archive.index.annotation_rows import annotations_of
from archive.local_archive import LocalArchive
from archive.network import control
from archive.network.control import ControlServer, forward_import
from archive.progress import Cancelled


@pytest.fixture
def files(tmp_path):
    import numpy as np

    folder = tmp_path / "files\udcff"  # names need not be text
    folder.mkdir()
    for number in range(7):
        write_image(folder / f"{number}.dcm", np.full((8, 8), number, "uint16"))
    (folder / "notes.txt").write_text("no image")
    return folder


@pytest.fixture
async def served(tmp_path):
    deep = tmp_path / ("deep" * 20) / ("deeper" * 20)  # a path that no socket address holds
    deep.mkdir(parents=True)
    with LocalArchive.open(deep) as archive, archive.hold("test") as lease:
        annotated.fill(archive, lease)
        server = ControlServer(archive, lease, lambda: None)
        await server.start()
        yield archive
        await server.close()


async def test_an_import_is_done_by_the_holder(served, files):
    told = []
    counts = await asyncio.to_thread(forward_import, served, [files], Mode.COPY, told.append)
    assert counts == ImportCounts(7, 0, 0, 1, 0, counts.seconds)
    assert told
    assert (await asyncio.to_thread(forward_import, served, [files], Mode.COPY)).duplicate == 7


async def test_what_cannot_be_imported_is_a_sentence(served, tmp_path):
    with pytest.raises(BadInput, match="There is no"):
        await asyncio.to_thread(forward_import, served, [tmp_path / "missing"], Mode.COPY)


@pytest.mark.parametrize(
    "request_", [b"noise\n", b"[]\n", b'{"verb": "delete", "paths": [], "mode": "copy"}\n', b"{}\n", b"\n",
                 b'{"verb": "import", "paths": ["zz"], "mode": "copy"}\n'],
)  # fmt: skip
async def test_what_is_no_request_is_answered(served, request_):
    def ask():
        with socket.socket(socket.AF_UNIX) as connection:
            import os

            folder = os.open(served.layout.run, os.O_RDONLY)
            connection.connect(f"/proc/self/fd/{folder}/control.sock")
            os.close(folder)
            connection.sendall(request_)
            return json.loads(connection.makefile().readline())

    answer = await asyncio.to_thread(ask)
    assert answer["exit_code"] == 2


@pytest.mark.parametrize(
    "edits", [b"7", b"{}", b"[7]", b'[{"put": "annotation"}]', b"[" * 5000, b"[" + b"{}," * 1001 + b"{}]"]
)  # fmt: skip
async def test_what_is_no_edit_is_answered(served, edits):
    def ask():
        with control._connected(served.layout) as connection:
            connection.sendall(b'{"verb": "annotate", "edits": ' + edits + b"}\n")
            return json.loads(connection.makefile().readline())

    answer = await asyncio.to_thread(ask)
    assert answer["exit_code"] == 2
    assert "not understood" in answer["error"]


async def test_edits_are_made_by_the_holder_and_do_not_wait_for_an_import(served, files, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(
        control, "import_paths", lambda *_, **__: release.wait(30) and ImportCounts(0, 0, 0, 0, 0, 0)
    )
    importing = asyncio.create_task(asyncio.to_thread(forward_import, served, [files], Mode.COPY))
    await asyncio.to_thread(control.forward_edits, served.layout, annotated.EVERYTHING)
    assert annotations_of(served.index, annotated.STUDY).annotations == (annotated.LINE,)
    with pytest.raises(BadInput, match="does not have that study"):
        await asyncio.to_thread(
            control.forward_edits, served.layout, [DeleteAnnotation("9.9", annotated.LINE.uid)]
        )
    release.set()
    await importing


async def test_a_request_beyond_all_measure_is_answered_with_a_sentence(served, monkeypatch):
    many = [Path("/" + "x" * 200)] * 45_000  # 17 MB as one line
    with pytest.raises(BadInput, match="too long"):
        await asyncio.to_thread(forward_import, served, many, Mode.COPY)


@pytest.mark.parametrize(("raised", "code"), [(FailingDisk, 74), (OutOfResources, 2), (BadInput, 2)])
async def test_the_holders_exit_code_is_ours(served, files, monkeypatch, raised, code):
    def failing(*_, **__):
        raise raised("It went wrong.")

    monkeypatch.setattr(control, "import_paths", failing)
    with pytest.raises(NoctisError, match=r"^It went wrong\.$") as refusal:
        await asyncio.to_thread(forward_import, served, [files], Mode.COPY)
    assert refusal.value.exit_code == code


async def test_an_import_that_the_holder_stops_is_interrupted_here(served, files, monkeypatch):
    def stopped(*_, **__):
        raise Cancelled

    monkeypatch.setattr(control, "import_paths", stopped)
    with pytest.raises(NoctisError) as refusal:
        await asyncio.to_thread(forward_import, served, [files], Mode.COPY)
    assert refusal.value.exit_code == 130


async def test_a_request_that_comes_while_it_closes_is_cancelled(tmp_path, files):
    with LocalArchive.open(tmp_path / "archive") as archive, archive.hold("test") as lease:
        server = ControlServer(archive, lease, lambda: None)
        await server.start()
        reader, writer = await asyncio.open_unix_connection(archive.layout.run / "control.sock")
        await asyncio.sleep(0)
        await server.close()
        paths = [bytes(os.fsencode(files)).hex()]
        writer.write(json.dumps({"verb": "import", "paths": paths, "mode": "copy"}).encode() + b"\n")
        assert json.loads(await reader.readline())["exit_code"] == 130
        writer.close()
        assert not list(archive.layout.instances.glob("*/*/*"))


def test_nobody_answers(tmp_path):
    with LocalArchive.open(tmp_path) as archive, pytest.raises(ArchiveBusy):
        forward_import(archive, [tmp_path], Mode.COPY)


def test_noctis_import_beside_a_running_receiver(tmp_path, files):
    archive = tmp_path / "archive"
    with ReceiverProcess(archive) as receiver:
        done = run_noctis(archive, "import", "--json", files)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) | {"seconds": 0} == asdict(ImportCounts(7, 0, 0, 1, 0, 0))
        assert receiver.end() == (0, [], "")
    assert not (archive / "run" / "control.sock").exists()
