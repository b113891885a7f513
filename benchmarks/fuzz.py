"""Fuzz what reads peers' and strangers' bytes, guided by coverage, and print counts, rates and memory.

    python benchmarks/fuzz.py --inputs 1000000 [--targets pdu_stream data_set] [--crashers FOLDER]

Needs the extra `fuzz` (atheris). The targets are the modules of `tests/fuzzing`: each has seeds and a check
that fails on any exception that is not documented, and on bytes that are read differently in pieces than
whole. An input may take five seconds of the processor. What fails is kept in the folder and told at the end,
once for each place in the code; what reached new code is then read again while memory is watched.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
TARGETS = (
    *("pdu_stream", "conversation", "association_request", "data_set", "dicom_file", "media", "pixel_stream"),
    *("images", "drawn_objects", "documents", "annotation_objects", "element_trees", "edits", "preferences"),
    *("compiled_elements", "compiled_sixels", "compiled_pngs"),
    *("compiled_planes", "compiled_projections"),
)
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (HERE.parent, HERE.parent / "tests")))}


def start(target, work, arguments):
    """Start the fuzzer on one target; its report comes as a file."""
    folder = work / target
    (folder / "corpus").mkdir(parents=True)
    crashers = (arguments.crashers or work / "crashers") / target
    crashers.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, HERE / "fuzz_worker.py", target, folder, crashers, arguments.inputs]
    log = (folder / "log").open("w")
    return subprocess.Popen([*map(str, command)], env=ENVIRONMENT, stdout=log, stderr=log)


def report(target, work, seconds, code):
    """Print what came of one target; return whether it is clean."""
    folder = work / target
    try:
        found = json.loads((folder / "report.json").read_text())
    except FileNotFoundError:
        print(f"{target:20} ended with {code}:\n{(folder / 'log').read_text()[-2_000:]}")
        return False
    replay = found["replay"]
    print(
        f"{target:20} {found['inputs']:>10,} inputs  {found['inputs'] / seconds:>7,.0f}/s  "
        f"slowest {found['slowest']:.3f} s  new code in {replay['corpus']:,} inputs  "
        f"failures {len(found['failures'])}"
    )
    print(
        f"{'':20} read again {replay['rounds']} times: objects {replay['objects']:+,}, "
        f"traced memory {replay['traced_bytes']:+,} bytes, resident {replay['resident_kb']:+,} kB"
    )
    for place, failure in found["failures"].items():
        print(f"{'':20} {failure['count']:,} x {place}: {failure['what']}  ({failure['file']})")
    return not found["failures"]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=1_000_000, help="for each target")
    parser.add_argument("--targets", nargs="+", choices=TARGETS, default=TARGETS)
    parser.add_argument("--crashers", type=Path, help="where inputs that fail are kept")
    arguments = parser.parse_args()
    clean = True
    with tempfile.TemporaryDirectory(prefix="noctis-fuzz-") as work:
        for target in arguments.targets:
            begun = time.perf_counter()
            code = start(target, Path(work), arguments).wait()
            clean &= report(target, Path(work), time.perf_counter() - begun, code)
    sys.exit(0 if clean else 1)


if __name__ == "__main__":
    main()
