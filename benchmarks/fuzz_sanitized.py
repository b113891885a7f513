"""Damaged seeds through a compiled module, under the address and undefined-behaviour sanitizers.

    python benchmarks/fuzz_sanitized.py --inputs 1000000 [--source archive/dicom/_plain.c] [--seed 1]

Compiles the module with gcc's sanitizers into a folder of its own, puts it before the built one, and runs the
target of `tests/fuzzing` that holds it equal to Python's. What the sanitizers find ends the run at once.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import random
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
TARGETS = {
    "archive/dicom/_plain.c": "compiled_elements",
    "noctis_tui/graphics/encoding/_sixel.c": "compiled_sixels",
    "noctis_tui/graphics/encoding/_png.c": "compiled_pngs",
    "noctis_tui/imaging/planes/_reslice.c": "compiled_planes",
    "noctis_tui/imaging/planes/_project.c": "compiled_projections",
    "noctis_tui/imaging/turning/_turning.c": "compiled_turnings",
    "noctis_tui/imaging/turning/_surface.c": "compiled_surfaces",
    "noctis_tui/imaging/curves/_curved.c": "compiled_curves",
}
LONGEST = 600
ODD = (
    b"\xff" * 4,
    b"\xfe\xff\x00\xe0",
    b"\xfe\xff\x0d\xe0",
    b"\xfe\xff\xdd\xe0",
    b"SQ\0\0",
    b"UN\0\0",
    bytes(4),
)
FLAGS = (
    *("-g", "-O1", "-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize-recover=all"),
    "-fno-omit-frame-pointer",
)


def damaged(seed, chance):
    """Overwrite, leave out, repeat or cut some bytes."""
    data = bytearray(seed[: chance.randrange(8, LONGEST)])
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(5)
        if kind == 0:
            data[at : at + 1] = chance.randbytes(1)
        elif kind == 1:
            odd = chance.choice(ODD)
            data[at : at + len(odd)] = odd
        elif kind == 2:
            del data[at : at + chance.randrange(1, 20)]
        elif kind == 3:
            data[at:at] = data[at : at + chance.randrange(1, 40)]
        else:
            data[at : at + 2] = chance.randrange(1 << 16).to_bytes(2, "little")
    return bytes(data)


def run(name, library, inputs, seed):
    """Feed the target, in the process that has the sanitizers."""
    spec = importlib.util.spec_from_file_location(name, library)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[name] = module
    package, _, last = name.rpartition(".")
    setattr(importlib.import_module(package), last, module)
    target = importlib.import_module(f"fuzzing.{TARGETS[name.replace('.', '/') + '.c']}")
    chance, seeds = random.Random(seed), [each for each in target.seeds() if each]
    assert target.loops is module
    begun = time.perf_counter()
    for _ in range(inputs):
        target.check(damaged(chance.choice(seeds), chance))
    print(f"{name}: {inputs:,} inputs in {time.perf_counter() - begun:.0f} s, nothing found")


def compiled(source, folder):
    library = folder / "module.so"
    include = sysconfig.get_paths()["include"]
    main = ROOT / source
    sources = [main, *sorted(main.parent.glob(f"{main.stem}_*.c"))]
    subprocess.run(["gcc", *FLAGS, "-shared", "-fPIC", f"-I{include}", *sources, "-o", library], check=True)
    return library


def preloaded():
    """Return the sanitizers' libraries: the interpreter itself was built without."""
    names = ("libasan.so", "libubsan.so")
    found = [
        subprocess.check_output(["gcc", f"-print-file-name={name}"], text=True).strip() for name in names
    ]
    return ":".join(found)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--source", choices=TARGETS, default=next(iter(TARGETS)))
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--library", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    name = arguments.source.removesuffix(".c").replace("/", ".")
    if arguments.library:
        run(name, arguments.library, arguments.inputs, arguments.seed)
        return
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "LD_PRELOAD": preloaded(),
            "PYTHONMALLOC": "malloc",
            "ASAN_OPTIONS": "detect_leaks=0",  # the interpreter keeps what it has to its end
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tests"))),
        }
        library = compiled(arguments.source, Path(folder))
        command = [sys.executable, __file__, *sys.argv[1:], "--library", library]
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
