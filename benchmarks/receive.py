"""Receive and index: Noctis against DCMTK's storescp and Orthanc, in one run, as ratios.

    python benchmarks/receive.py [--instances 120] [--rounds 3]

Every receiver gets the same CT instances (512x512, 526 KB) in a fresh folder: from a fast sender over one
and four associations, and from `storescu` as it is installed (fewer instances: that one is slow). Only Noctis
answers after the file and the index are durable; storescp neither syncs nor indexes, Orthanc syncs files. The
figure that counts is the median of the rounds' ratios: the machines that run this are noisy.
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
from pydicom.uid import generate_uid
from receivers import ENVIRONMENT, HERE, dcmtk, free_port, noctis, orthanc, resident_mb, started, storescp


def make_instances(folder, count):
    """Write CT instances that differ in UID, number and pixels."""
    dataset = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    dataset.Rows = dataset.Columns = 512
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    noise = np.random.default_rng(1).integers(0, 4096, (512, 512), dtype="uint16")
    folder.mkdir(parents=True)
    for number in range(count):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.InstanceNumber = number + 1
        dataset.PixelData = np.roll(noise, number).tobytes()
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
    begun = time.perf_counter()
    subprocess.run(
        [dcmtk("storescu"), "+sd", "+r", "-aec", "ANY-SCP", "127.0.0.1", str(port), few],
        check=True,
        capture_output=True,
    )
    return len(list(few.iterdir())) / (time.perf_counter() - begun)


SENDERS = {
    "fast, 1": lambda port, work: send_fast(port, work / "many", 1),
    "fast, 4": lambda port, work: send_fast(port, work / "many", 4),
    "storescu": lambda port, work: send_storescu(port, work / "few"),
}


def measure(receiver, sender, work):
    folder = Path(tempfile.mkdtemp(dir=work))
    port = free_port()
    with started(RECEIVERS[receiver](folder, port), port, folder) as process:
        rate = SENDERS[sender](port, work)
        memory = resident_mb(process)
    shutil.rmtree(folder)
    return rate, memory


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()), help="on the disk to measure"
    )
    arguments = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="noctis-benchmark-", dir=arguments.folder))
    try:
        make_instances(work / "many", arguments.instances)
        make_instances(work / "few", max(arguments.instances // 5, 5))
        rates = {}
        memory = dict.fromkeys(RECEIVERS, 0.0)
        for _ in range(arguments.rounds):
            for sender in SENDERS:
                for receiver in RECEIVERS:
                    rate, used = measure(receiver, sender, work)
                    rates.setdefault((sender, receiver), []).append(rate)
                    memory[receiver] = max(memory[receiver], used)
        report(rates, memory)
    finally:
        shutil.rmtree(work)


def report(rates, memory):
    print(f"{'images/s, medians':20}" + "".join(f"{receiver:>20}" for receiver in RECEIVERS))
    for sender in SENDERS:
        medians = (statistics.median(rates[sender, receiver]) for receiver in RECEIVERS)
        print(f"{sender:20}" + "".join(f"{median:20.0f}" for median in medians))
    print(f"{'peak memory, MB':20}" + "".join(f"{memory[receiver]:20.0f}" for receiver in RECEIVERS))
    print("\nmedians of ratios")
    for ours in ("noctis", "noctis, fsync off"):
        for peer in ("storescp", "orthanc"):
            ratios = (
                statistics.median(
                    us / them for us, them in zip(rates[sender, ours], rates[sender, peer], strict=True)
                )
                for sender in SENDERS
            )
            shown = "   ".join(
                f"{sender}: {ratio:.2f}" for sender, ratio in zip(SENDERS, ratios, strict=True)
            )
            print(f"{ours} / {peer}".ljust(32) + shown)


if __name__ == "__main__":
    main()
