"""Receive and index: Noctis against DCMTK's storescp, Orthanc and the disk itself, in one run, as ratios.

    python benchmarks/receive.py [--images ct|small|compressed] [--instances 300] [--rounds 3] [--folder DIR]

Every receiver gets the same instances in a fresh folder: from a fast sender over one and four associations,
and from `storescu` as it is installed (fewer instances: that one is slow). Only Noctis answers after the file
and the index are durable; storescp neither syncs nor indexes, Orthanc syncs files. The disk's ceiling is
what a program reaches that only writes and syncs the same bytes. The figure that counts is the median of the
rounds' ratios: the machines that run this are noisy. Nothing is deleted before the end: ext4 makes files
slowly beside many that were deleted a moment ago.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pydicom
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGLSLossless, generate_uid
from receivers import ENVIRONMENT, HERE, dcmtk, free_port, noctis, orthanc, resident_mb, started, storescp

CEILING = "disk ceiling"


def uncompressed(side):
    def fill(dataset, pixels):
        dataset.PixelData = pixels.tobytes()

    return side, fill


def compressed(side):
    from imagecodecs import jpegls_encode

    def fill(dataset, pixels):
        dataset.PixelData = encapsulate([bytes(jpegls_encode(pixels))])
        dataset["PixelData"].is_undefined_length = True
        dataset.file_meta.TransferSyntaxUID = JPEGLSLossless

    return side, fill


IMAGES = {
    "ct": lambda: uncompressed(512),
    "small": lambda: uncompressed(128),
    "compressed": lambda: compressed(512),
}


def smooth(side):
    """Return a picture that compresses as an anatomical one does: slopes and a little noise."""
    rows, columns = np.mgrid[:side, :side] * (8 / side)
    noise = np.random.default_rng(1).integers(0, 24, (side, side))
    return (1024 + 500 * np.sin(rows) * np.cos(columns) + noise).astype("uint16")


def make_instances(folder, count, images):
    """Write instances that differ in UID, number and pixels."""
    side, fill = IMAGES[images]()
    dataset = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    dataset.Rows = dataset.Columns = side
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    pixels = smooth(side)
    folder.mkdir(parents=True)
    for number in range(count):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.InstanceNumber = number + 1
        fill(dataset, np.roll(pixels, number))
        dataset.save_as(folder / f"{number:05d}.dcm", enforce_file_format=True)


RECEIVERS = {
    "noctis": lambda folder, port: noctis(folder, port, fsync=True),
    "noctis, fsync off": lambda folder, port: noctis(folder, port, fsync=False),
    "storescp": storescp,
    "orthanc": orthanc,
}


def send_fast(port, instances, associations):
    output = subprocess.run(
        [sys.executable, HERE / "fast_sender.py", str(port), instances, "--associations", str(associations)],
        check=True,
        capture_output=True,
        env=ENVIRONMENT,
    ).stdout
    result = json.loads(output)
    if set(result["statuses"]) != {"0000"}:
        sys.exit(f"not everything was stored: {result['statuses']}")
    return result["instances"] / result["seconds"]


def send_storescu(port, few):
    """Send by DCMTK's storescu as it is installed; it proposes JPEG-LS only when told so."""
    syntax = pydicom.dcmread(next(few.iterdir()), stop_before_pixels=True).file_meta.TransferSyntaxUID
    options = ["--propose-jls-lossless"] if syntax == JPEGLSLossless else []
    begun = time.perf_counter()
    subprocess.run(
        [dcmtk("storescu"), "+sd", *options, "-aec", "ANY-SCP", "127.0.0.1", str(port), few],
        check=True,
        capture_output=True,
    )
    return len(list(few.iterdir())) / (time.perf_counter() - begun)


SENDERS = {
    "fast, 1": lambda port, work: send_fast(port, work / "many", 1),
    "fast, 4": lambda port, work: send_fast(port, work / "many", 4),
    "storescu": lambda port, work: send_storescu(port, work / "few"),
}
WRITERS = {"fast, 1": 1, "fast, 4": 4}
"""How many write to the disk at once where its ceiling is compared."""


def measure(receiver, sender, work):
    folder = Path(tempfile.mkdtemp(dir=work))
    port = free_port()
    with started(RECEIVERS[receiver](folder, port), port, folder) as process:
        rate = SENDERS[sender](port, work)
        memory = resident_mb(process)
    return rate, memory


def disk_ceiling(sender, work):
    folder = Path(tempfile.mkdtemp(dir=work))
    arguments = [sys.executable, HERE / "disk_ceiling.py", folder, work / "many", "--writers"]
    output = subprocess.run(
        [*arguments, str(WRITERS[sender])], check=True, capture_output=True, env=ENVIRONMENT
    )
    return float(output.stdout)


def measure_round(work, senders, rates, memory):
    for sender in senders:
        for receiver in RECEIVERS:
            rate, used = measure(receiver, sender, work)
            rates.setdefault((sender, receiver), []).append(rate)
            memory[receiver] = max(memory.get(receiver, 0), used)
        if sender in WRITERS:
            rates.setdefault((sender, CEILING), []).append(disk_ceiling(sender, work))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", choices=IMAGES, default="ct")
    parser.add_argument("--instances", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--senders", choices=SENDERS, nargs="+", default=list(SENDERS))
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()), help="on the disk to measure"
    )
    arguments = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="noctis-benchmark-", dir=arguments.folder))
    try:
        make_instances(work / "many", arguments.instances, arguments.images)
        make_instances(work / "few", max(arguments.instances // 5, 5), arguments.images)
        rates, memory = {}, {}
        for _ in range(arguments.rounds):
            measure_round(work, arguments.senders, rates, memory)
        report(rates, memory, arguments.senders)
    finally:
        shutil.rmtree(work)


def report(rates, memory, senders):
    columns = [*RECEIVERS, CEILING]
    print(f"{'images/s, medians':20}" + "".join(f"{column:>20}" for column in columns))
    for sender in senders:
        medians = (statistics.median(rates.get((sender, column), [0])) for column in columns)
        print(f"{sender:20}" + "".join(f"{median:20.0f}" if median else f"{'-':>20}" for median in medians))
    print(f"{'peak memory, MB':20}" + "".join(f"{memory[receiver]:20.0f}" for receiver in RECEIVERS))
    print("\nmedians of ratios")
    for ours in ("noctis", "noctis, fsync off"):
        for peer in ("storescp", "orthanc", CEILING):
            compared = [sender for sender in senders if (sender, peer) in rates]
            shown = (f"{sender}: {ratio(rates, sender, ours, peer):.2f}" for sender in compared)
            print(f"{ours} / {peer}".ljust(34) + "   ".join(shown))


def ratio(rates, sender, ours, peer):
    pairs = zip(rates[sender, ours], rates[sender, peer], strict=True)
    return statistics.median(us / them for us, them in pairs)


if __name__ == "__main__":
    main()
