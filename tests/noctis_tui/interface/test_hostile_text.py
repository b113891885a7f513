"""No byte that a peer sent reaches the terminal as a control or as markup: proved on its raw bytes."""

from __future__ import annotations

import json
import re
import sys
from base64 import b64decode

import pytest
from hostile_study import HOSTILE_TEXT, hostile_files
from pseudo_terminals import PseudoTerminal
from pydicom import dcmread, dcmwrite
from pydicom.uid import ImplicitVRLittleEndian

from archive.dicom.uids import is_uid
from noctis_tui.interface.guard import HOSTILE

MARK = "PWNED"
POINTER_SHAPE = re.compile(r"\x1b]22;[a-z]+\x07")
"""Textual's word for the mouse pointer."""
COPIED = re.compile(r"\x1b]52;c;([A-Za-z0-9+/=]*)\x07")
"""What the key for copying a UID writes, and an input from which nothing was cut."""
PAYLOADS = {
    "esc": f"\x1b]0;{MARK}\x07",
    "clipboard": f"\x1b]52;c;{MARK}\x1b\\",
    "csi": f"\x1b[31337m\x1b[2J{MARK}",
    "device": f"\x1bP{MARK}\x1b\\\x1b_G{MARK}\x1b\\",
    "c1": f"\x9b31337m\x9d0;{MARK}\x9c",
    "click": f"[@click=app.exit]{MARK}[/]",
    "markup": f"[/b]{MARK}[bold red]",
    "bidi": f"\u202e{MARK}\u2066\u200f",
    "lines": f"\r\n\x0b\x0c\x08{MARK}\x7f",
}
WRITTEN_INTO = (
    *("PatientName", "PatientID", "StudyDescription", "SeriesDescription", "AccessionNumber"),
    *("ReferringPhysicianName", "PatientBirthDate", "StudyDate", "StudyTime", "Modality", "PatientSex"),
    *("SeriesNumber", "WindowCenterWidthExplanation", "ProtocolName", "BodyPartExamined"),
)


def hostile_file(folder, name: str, payload: str):
    """Write a real image whose text holds the payload's bytes exactly, whatever pydicom thinks of them."""
    import numpy as np
    from phantoms import image
    from pydicom.uid import generate_uid

    place = "".join(chr(ord("a") + index % 26) for index in range(len(payload.encode()) + 1))
    place = place[: len(place) // 2 * 2]
    pixels = np.arange(64 * 64, dtype=np.int16).reshape(64, 64)
    texts = {keyword: place for keyword in WRITTEN_INTO if keyword != "SeriesNumber"}
    ds = image(pixels, TransferSyntaxUID=ImplicitVRLittleEndian, SpecificCharacterSet="ISO_IR 192", **texts)
    ds.StudyInstanceUID = generate_uid()
    file = folder / f"{name}.dcm"
    dcmwrite(file, ds, enforce_file_format=True)
    raw = payload.encode().ljust(len(place))
    file.write_bytes(file.read_bytes().replace(place.encode(), raw))
    assert payload.encode() in file.read_bytes()
    return file


def send(port: int, files) -> None:
    from pynetdicom.ae import ApplicationEntity

    entity = ApplicationEntity("HOSTILE")
    entity.add_requested_context("1.2.840.10008.5.1.4.1.1.2", ImplicitVRLittleEndian)
    association = entity.associate("127.0.0.1", port, ae_title="NOCTIS_SCP")
    assert association.is_established
    for file in files:
        assert association.send_c_store(dcmread(file)).Status == 0x0000
    association.release()


@pytest.fixture
def free_port():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.mark.filterwarnings("ignore")
def test_what_a_peer_sends_is_only_ever_text(tmp_path, free_port):
    root = tmp_path / "archive"
    root.mkdir()
    (root / "noctis.toml").write_text(f"[receiver]\nport = {free_port}\n")
    files = [hostile_file(tmp_path, name, payload) for name, payload in PAYLOADS.items()]
    command = [sys.executable, "-m", "noctis_tui", "--archive", str(root), "--config", str(tmp_path / "none")]
    with PseudoTerminal(command, environment={"NOCTIS_GRAPHICS": "blocks"}) as terminal:
        terminal.wait_for("Receiving at")
        send(free_port, files)
        terminal.wait_for(f"{len(files)} studies")
        for _ in files:
            terminal.type("d")
            terminal.type("q")
            terminal.type("\r", 0.8)
            terminal.type("q")
            terminal.type("j", 0.2)
        terminal.type("/PWN\x1b")
        terminal.type("y:PWN", 0.6)
        terminal.type("\x1b")
        terminal.type("\x11", 0)
        terminal.process.wait(20)
    assert terminal.process.returncode == 0, terminal.text[-3000:]
    assert f"␛]0;{MARK}" in terminal.text
    assert f"[@click{MARK}" in terminal.text or f"[@click=app.exit]{MARK}" in terminal.text
    _only_what_the_interface_writes(terminal)


def _only_what_the_interface_writes(terminal: PseudoTerminal) -> None:
    strings = [control for kind, control in terminal.controls() if kind == "string"]
    for string in strings:
        copied = COPIED.fullmatch(string)
        assert POINTER_SHAPE.fullmatch(string) or (
            copied and (not copied[1] or is_uid(b64decode(copied[1]).decode()))
        ), string
    for kind, control in terminal.controls():
        assert "31337" not in control
        assert kind in {"csi", "string"} or control in "\r\n", (kind, control)
    visible_text = terminal.text.replace("\r", "").replace("\n", "")
    assert not HOSTILE.search(visible_text), HOSTILE.findall(visible_text)


@pytest.mark.filterwarnings("ignore")
def test_what_objects_about_images_say_is_only_ever_text_on_every_screen(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    hostile_files(folder)
    config = tmp_path / "config.toml"
    config.write_text(
        "[[preset]]\nname = " + json.dumps(HOSTILE_TEXT[:40], ensure_ascii=True) + "\ncenter = 1\nwidth = 2\n"
    )
    command = [sys.executable, "-m", "noctis_tui", "--config", str(config), "view", str(folder)]
    with PseudoTerminal(command, environment={"NOCTIS_GRAPHICS": "blocks"}) as terminal:
        terminal.wait_for("1/")
        terminal.type("", 2)
        for keys in ("\x07", "M", "jj", "M", "#", "j", "#", "O", "j\x1b", "s", "s", "S", "\x17", "\x1b", "*"):
            terminal.type(keys, 0.4)
        for keys in ("Ijjjj", "/PWN\r", "n", "\r", "q", "q", "q"):
            terminal.type(keys, 0.3)
        for keys in (
            "\x18",
            "\t\t",
            "\x1b",
            "F",
            "\x1b",
            ",",
            "jjjjjjjj",
            "q",
            "&",
            "\x1b",
            "T",
            "\r",
            "\x1b",
            "?",
            "q",
        ):
            terminal.type(keys, 0.3)
        for _ in range(6):
            terminal.type("\x1b[C", 0.5)
            terminal.type("j\x04", 0.2)
        terminal.type("\x11", 0)
        terminal.process.wait(20)
    assert terminal.process.returncode == 0, terminal.text[-3000:]
    assert "Traceback" not in terminal.text
    assert MARK in terminal.text
    _only_what_the_interface_writes(terminal)
