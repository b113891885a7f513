"""A load for receivers whose every byte can be told again from a number, and who was acknowledged what."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
import threading
from collections import Counter

from fast_sender import associate, message, read_pdu, send_parts, status_of
from pydicom import dcmwrite
from pydicom.dataset import Dataset
from receivers import ENVIRONMENT

CT = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
SIZES = (2_048, 2_048, 32_768, 32_768, 131_072, 655_360)
"""Bytes of pixels; the number of an instance says which it has."""
ANSWER_SECONDS = 30
PER_STUDY, PER_SERIES = 400, 100
_ROOT = "1.2.826.0.1.3680043.10.511"
_OWN, _SERIES, _STUDY = "100000000000", "200000000000", "300000000000"
_TEMPLATES: dict[int, bytes] = {}


class Receiver:
    """`noctis receive` on a free port; a context manager that kills what still runs."""

    def __init__(self, archive, *options):
        command = [sys.executable, "-m", "noctis_tui", "--archive", str(archive), "receive", "--port", "0"]
        self.process = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=ENVIRONMENT,
        )
        self.port = 0

    def ready(self):
        """Wait until it accepts associations."""
        said = self.process.stdout.readline()
        if not said.startswith("READY "):
            raise RuntimeError(f"no receiver: {said!r}, exit code {self.process.wait()}")
        self.port = int(said.split()[1].rpartition(":")[2])
        return self

    def end(self):
        """Ask it to end; return its exit code."""
        self.process.terminate()
        return self.process.wait(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def sop_uid(number):
    return f"{_ROOT}.{_told(_OWN, number)}"


def number_of(uid):
    """Return the number of an instance of ours."""
    return int(uid.rpartition(".")[2]) - int(_OWN)


def data_set(number, sizes=SIZES):
    """Return the data set (Explicit VR Little Endian) of an instance."""
    size = sizes[number % len(sizes)]
    whole = _template(size)
    for token, value in ((_OWN, number), (_SERIES, number // PER_SERIES), (_STUDY, number // PER_STUDY)):
        whole = whole.replace(token.encode(), _told(token, value).encode())
    return whole + random.Random(number).randbytes(size)


def _told(token, number):
    return str(int(token) + number)


def _template(size):
    if size not in _TEMPLATES:
        ds = Dataset()
        ds.SOPClassUID, ds.SOPInstanceUID = CT, f"{_ROOT}.{_OWN}"
        ds.StudyInstanceUID, ds.SeriesInstanceUID = f"{_ROOT}.{_STUDY}", f"{_ROOT}.{_SERIES}"
        ds.PatientID, ds.PatientName, ds.Modality = _STUDY, "Load^Test", "CT"
        ds.Rows, ds.Columns, ds.BitsAllocated, ds.SamplesPerPixel = size // 64, 32, 16, 1
        ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 15, 0
        ds.PhotometricInterpretation = "MONOCHROME2"
        file = io.BytesIO()
        dcmwrite(file, ds, implicit_vr=False, little_endian=True)
        file.write(struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OW", 0, size))
        _TEMPLATES[size] = file.getvalue()
    return _TEMPLATES[size]


class Senders:
    """Several associations that send one instance after the other until they are told to stop, or cut off.

    Attributes
    ----------
    acknowledged
        Numbers of the instances that were answered with 0000, of all `run`s together.
    statuses
        How often each status was answered.
    cut_off
        How many associations ended before their time.
    unanswered
        How many of these because nothing came for `ANSWER_SECONDS`.
    """

    def __init__(self, associations=4, sizes=SIZES, called="NOCTIS_SCP"):
        self.acknowledged = set()
        self.statuses = Counter()
        self.cut_off = 0
        self.unanswered = 0
        self._associations = associations
        self.sizes = sizes
        self._called = called
        self._next = list(range(associations))
        self._threads = []
        self._stopped = threading.Event()

    def start(self, port, each=None):
        """Send on all associations; `each` ends an association after so many instances."""
        self._stopped.clear()
        self._threads = [
            threading.Thread(target=self._run, args=(port, number, each), daemon=True)
            for number in range(self._associations)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self):
        """Let every association end after its present instance."""
        self._stopped.set()
        self.join()

    def join(self):
        for thread in self._threads:
            thread.join(60)

    @property
    def busy(self):
        return any(thread.is_alive() for thread in self._threads)

    def _run(self, port, lane, each):
        left = each
        try:
            connection, pdu_bytes = associate(port, self._called, {1: (CT, EXPLICIT)})
            with connection:
                connection.settimeout(ANSWER_SECONDS)
                while left != 0 and not self._stopped.is_set():
                    self._send(connection, min(pdu_bytes, 262_144), lane)
                    left = left and left - 1
                connection.sendall(struct.pack(">BxI", 5, 4) + bytes(4))
                read_pdu(connection)
        except OSError as error:
            self.unanswered += isinstance(error, TimeoutError)
            self.cut_off += 1

    def _send(self, connection, pdu_bytes, lane):
        # What was not acknowledged is sent again, on the next association: that must be answered with 0000.
        number = self._next[lane]
        whole = data_set(number, self.sizes)
        send_parts(connection, message(1, CT, sop_uid(number), whole, pdu_bytes, number % 65_536))
        kind, body = read_pdu(connection)
        if kind != 4:
            raise ConnectionError("no response")
        status = status_of(body)
        self.statuses[f"{status:04X}"] += 1
        if status == 0:
            self.acknowledged.add(number)
        self._next[lane] += self._associations
