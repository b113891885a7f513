"""From a file to its samples, ms a frame and transfer syntax: ours, pydicom's pipeline, SimpleITK, dcm2pnm.

    python benchmarks/decode.py [--rounds 15] [--image CT.dcm]

One CT slice of 512x512 with 12 bits is written in every transfer syntax; each round opens each file by each
reader, in turns, and gets its samples as an array: `ImageFile`, `dcmread` with `pixel_array`, an
`ImageFileReader` (which rescales, too). Lossless samples are compared once. dcm2pnm is a process that also
windows and writes a picture; what it takes for one of 8x8 pixels is subtracted, so that its start is not
counted. Files are in the page cache. A dash stands for what a peer cannot decode, a ratio for how many times
as long it takes.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

_PROGRAMS = ("dcm2pnm", "dcmj2pnm", "dcml2pnm", "dcmconv", "dcmcrle", "dcmcjpeg", "dcmcjpls")
_MODULES = ("SimpleITK", "openjpeg", "jpeg_ls")  # the latter two are pydicom's plugins
_RENDERERS = {"dcmcjpeg": "dcmj2pnm", "dcmcjpls": "dcml2pnm"}


def require_peers():
    """Say what to install, rather than leave a peer out."""
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    if missing:
        raise SystemExit(f"{', '.join(missing)} missing: install Debian's package dcmtk.")
    if any(importlib.util.find_spec(name) is None for name in _MODULES):
        raise SystemExit(
            "Peers are missing: pip install 'noctis-tui[benchmarks]' (SimpleITK, pydicom's plugins)."
        )


def by_noctis(path, _syntax):
    from archive.pixels.frames import ImageFile

    with ImageFile.open(path) as image:
        return image.stored_values(0)


def by_pydicom(path, _syntax):
    import pydicom

    return pydicom.dcmread(path).pixel_array


def by_simpleitk(path, _syntax):
    import SimpleITK

    reader = SimpleITK.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(path))
    return SimpleITK.GetArrayFromImage(reader.Execute())[0] + 1024


def by_dcm2pnm(path, syntax):
    program = _RENDERERS.get(syntax.program[0], "dcm2pnm") if syntax.program else "dcm2pnm"
    line = [program, "+op", "+Wi", "1", path, "/dev/null"]
    subprocess.run(line, check=True, capture_output=True)


READERS = {"noctis": by_noctis, "pydicom": by_pydicom, "SimpleITK": by_simpleitk, "dcm2pnm": by_dcm2pnm}


def able(images):
    """Return (syntax, reader's name) of those that decode it, after comparing lossless samples."""
    expected = by_noctis(next(path for syntax, path in images.items() if syntax.uid.endswith("1.2.1")), None)
    pairs = []
    for syntax, path in images.items():
        for name, read in READERS.items():
            try:
                samples = read(path, syntax)
            except Exception as error:
                if name == "noctis":
                    raise SystemExit(f"{syntax.name}: {error}") from error
                continue
            if samples is not None and syntax.lossless and not np.array_equal(samples, expected):
                raise SystemExit(f"{name} decodes {syntax.name} to other samples.")
            pairs.append((syntax, name))
    return pairs


def measure(images, pairs, rounds, empty):
    """Return the milliseconds of every round by (syntax, reader's name)."""
    times = {pair: [] for pair in pairs}
    for _ in range(rounds):
        for syntax, name in pairs:
            start = clocked(by_dcm2pnm, empty, syntax) if name == "dcm2pnm" else 0.0
            times[syntax, name].append(max(0.01, clocked(READERS[name], images[syntax], syntax) - start))
    return times


@contextlib.contextmanager
def quiet():
    """Keep what GDCM writes about 12-bit JPEG off the terminal."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def clocked(read, path, syntax):
    began = time.perf_counter()
    read(path, syntax)
    return 1000 * (time.perf_counter() - began)


def report(images, times):
    print(f"{'ms a frame (times ours)':<26}" + "".join(f"{name:>18}" for name in READERS))
    for syntax in images:
        ours = statistics.median(times[syntax, "noctis"])
        cells = []
        for name in READERS:
            if (syntax, name) not in times:
                cells.append("-")
                continue
            median = statistics.median(times[syntax, name])
            cells.append(f"{median:.2f}" + ("" if name == "noctis" else f" ({median / ours:.1f})"))
        print(f"{syntax.name:<26}" + "".join(f"{cell:>18}" for cell in cells))


def write_empty(folder):
    import pydicom

    ds = pydicom.dcmread(folder / "plain.dcm")
    ds.Rows = ds.Columns = 8
    ds.PixelData = ds.PixelData[:128]
    ds.save_as(folder / "empty.dcm")
    return folder / "empty.dcm"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--image", type=Path, help="an uncompressed CT image to take in place of the demo's")
    options = parser.parse_args()
    require_peers()
    import SimpleITK
    from decode_images import write_images

    warnings.simplefilter("ignore")
    SimpleITK.ProcessObject.GlobalWarningDisplayOff()
    with tempfile.TemporaryDirectory() as folder:
        images = write_images(Path(folder), options.image)
        empty = write_empty(Path(folder))
        with quiet():
            times = measure(images, able(images), options.rounds, empty)
    print(f"512x512, 12 bit; medians of {options.rounds} rounds; one thread")
    report(images, times)


if __name__ == "__main__":
    main()
