"""How much memory the receiver takes: over very many small instances, and for one very large one.

    python benchmarks/memory.py [--instances 100000] [--gigabytes 2] [--folder DIR]

Reads the resident memory of the receiver's two processes from the kernel (VmRSS, VmHWM for peaks). Wanted:
after the first tenth of the small instances it grows no more than 16 MB, and a multi-frame instance of 2 GB,
native or in fragments of 100 KB, adds at most 16 MB to the peak. Large instances are made while they are
sent. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import shutil
import struct
import sys
import tempfile
import threading
import time
from pathlib import Path

from fast_sender import associate, element, read_pdu, status_of, uid
from kills import NO_RESERVE
from load import CT, EXPLICIT, Receiver, Senders

ALLOWED_MB = 16
FRAGMENT = 100_000
RLE = "1.2.840.10008.1.2.5"
_PDU = 131_072


def family(pid):
    """Return a process and its children: one of them writes what arrives."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def memory_mb(pid, name="VmRSS"):
    """Return what the kernel says of a process and its children, in MB; what they share counts twice."""
    return sum(_memory_mb(each, name) for each in family(pid))


def _memory_mb(pid, name):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


def forget_peak(pid):
    """Let VmHWM begin anew from what is resident now."""
    for each in family(pid):
        Path(f"/proc/{each}/clear_refs").write_text("5")


def _explicit(tag, vr, value):
    value += b"\0" * (len(value) % 2) if vr == "UI" else b" " * (len(value) % 2)
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr.encode(), len(value)) + value


def large_instance(size, sop_instance, *, fragments):
    """Yield the pieces of a multi-frame data set of about `size` bytes of zeros."""
    rows = columns = 512
    frames = max(1, size // (2 * rows * columns))
    texts = {
        0x00080016: ("UI", CT),
        0x00080018: ("UI", sop_instance),
        0x00080060: ("CS", "CT"),
        0x00100010: ("PN", "Large^Multiframe"),
        0x0020000D: ("UI", "1.2.3.9"),
        0x0020000E: ("UI", "1.2.3.9.1"),
    }
    head = b"".join(_explicit(tag, vr, text.encode()) for tag, (vr, text) in texts.items())
    head += _explicit(0x00280002, "US", struct.pack("<H", 1))
    head += _explicit(0x00280008, "IS", str(frames).encode())
    for tag, number in ((0x00280010, rows), (0x00280011, columns), (0x00280100, 16)):
        head += _explicit(tag, "US", struct.pack("<H", number))
    zeros = bytes(FRAGMENT)
    if fragments:
        yield head + struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF)
        yield struct.pack("<HHI", 0xFFFE, 0xE000, 0)
        for _ in range(size // FRAGMENT):
            yield struct.pack("<HHI", 0xFFFE, 0xE000, FRAGMENT) + zeros
        yield struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
        return
    left = frames * rows * columns * 2
    yield head + struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OW", 0, left)
    while left:
        piece = zeros[: min(left, FRAGMENT)]
        left -= len(piece)
        yield piece


def send_large(port, size, sop_instance, *, fragments=False):
    """Send one large instance, made while it is sent; return the status."""
    connection, _ = associate(port, "NOCTIS_SCP", {1: (CT, RLE if fragments else EXPLICIT)})
    with connection:
        body = element(2, uid(CT)) + element(0x100, b"\1\0") + element(0x110, b"\1\0")
        body += element(0x700, b"\0\0") + element(0x800, b"\0\0") + element(0x1000, uid(sop_instance))
        body = element(0, struct.pack("<I", len(body))) + body
        connection.sendall(struct.pack(">BxIIBB", 4, len(body) + 6, len(body) + 2, 1, 3) + body)
        pieces = large_instance(size, sop_instance, fragments=fragments)
        waiting = next(pieces)
        for piece in pieces:
            connection.sendall(_p_data(waiting, last=False))
            waiting = piece
        connection.sendall(_p_data(waiting, last=True))
        _, answer = read_pdu(connection)
        return status_of(answer)


def _p_data(piece, *, last):
    assert len(piece) <= _PDU
    return struct.pack(">BxIIBB", 4, len(piece) + 6, len(piece) + 2, 1, 2 if last else 0) + piece


def added_by(receiver, size, *, fragments=False):
    """Send one large instance; return (MB added to the peak, the peak in MB, seconds)."""
    pid = receiver.process.pid
    forget_peak(pid)
    before, began = memory_mb(pid), time.monotonic()
    uid_ = f"1.2.3.9.1.{time.monotonic_ns()}"
    status = send_large(receiver.port, size, uid_, fragments=fragments)
    if status:
        sys.exit(f"the large instance was answered with {status:04X}")
    peak = memory_mb(pid, "VmHWM")
    return peak - before, peak, time.monotonic() - began


def over_many(receiver, instances, associations=4, samples=10):
    """Send small instances; return [(how many are acknowledged, MB resident)], about `samples` of them."""
    senders = Senders(associations, sizes=(512,))
    senders.start(receiver.port, each=instances // associations)
    step, taken = instances // samples, []
    while senders.busy:
        if len(senders.acknowledged) >= step * (len(taken) + 1):
            taken.append((len(senders.acknowledged), memory_mb(receiver.process.pid)))
        threading.Event().wait(0.01)
    senders.join()
    if set(senders.statuses) != {"0000"} or senders.cut_off:
        sys.exit(f"not everything was stored: {senders.statuses}, cut off {senders.cut_off}")
    return [*taken[: samples - 1], (len(senders.acknowledged), memory_mb(receiver.process.pid))]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--instances", type=int, default=100_000)
    parser.add_argument("--gigabytes", type=float, default=2)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="on the disk to use")
    arguments = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="noctis-memory-", dir=arguments.folder))
    (work / "noctis.toml").write_text(NO_RESERVE)
    size, kept_to = int(arguments.gigabytes * 2**30) - (1 << 20), True
    try:
        with Receiver(work) as receiver:
            receiver.ready()
            began = time.monotonic()
            samples = over_many(receiver, arguments.instances)
            rate = arguments.instances / (time.monotonic() - began)
            for count, used in samples:
                print(f"{count:>10,} instances {used:8.1f} MB")
            growth = samples[-1][1] - samples[0][1]
            print(f"growth after the first tenth: {growth:.1f} MB at {rate:.0f} instances/s")
            kept_to &= growth <= ALLOWED_MB
            for fragments in (False, True):
                added, peak, seconds = added_by(receiver, size, fragments=fragments)
                how = "in fragments" if fragments else "native"
                print(f"{size / 2**30:.1f} GB {how}: +{added:.1f} MB, peak {peak:.1f} MB, {seconds:.1f} s")
                kept_to &= added <= ALLOWED_MB
    finally:
        shutil.rmtree(work)
    sys.exit(0 if kept_to else 1)


if __name__ == "__main__":
    main()
