"""A CT series of raw files into one volume: ours, VTK's vtkDICOMImageReader, SimpleITK's ImageSeriesReader.

    python benchmarks/volume_load.py [--slices 100 400 1200] [--rounds 7]

Slices of 512x512 int16, explicit little endian, with headers as long as scanners write them, in the page
cache. In each round every reader makes a volume of them, in turns; a reader begins with the files, the order
of the slices unknown, and ends with voxels in memory. SimpleITK sorts by GetGDCMSeriesFileNames; "sorted" is
its reader alone, with names that somebody else has sorted. The volumes are compared once. A ratio is how many
times as long a peer takes, the median over the rounds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent.parent / "tests")]

SIDE = 512


def write_series(folder, slices):
    """Write the files; their names run against the position, so that sorting is needed."""
    from phantoms import image
    from pydicom.uid import generate_uid

    rng = np.random.default_rng(3)
    noise = rng.integers(-1024, 3000, (SIDE, SIDE), np.int16)
    ds = image(noise, **_header())
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = (generate_uid() for _ in range(3))
    ds.add_new(0x00090010, "LO", "PRIVATE 01")
    for number in range(60):
        ds.add_new(0x00091000 + number, "LO", f"private value {number}")
    paths = []
    for place in range(slices):
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        ds.InstanceNumber = slices - place
        ds.ImagePositionPatient = [-180, -170, -400 + 0.7 * place]
        ds.SliceLocation = -400 + 0.7 * place
        ds.PixelData = np.roll(noise, place * 977).tobytes()
        paths.append(folder / f"{slices - place:05}.dcm")
        ds.save_as(paths[-1], enforce_file_format=True)
    return sorted(paths)


def _header():
    return {
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "StudyDate": "20240102",
        "SeriesDate": "20240102",
        "AcquisitionDate": "20240102",
        "ContentDate": "20240102",
        "StudyTime": "101112.123",
        "AcquisitionTime": "101214.5",
        "Manufacturer": "A maker of scanners",
        "InstitutionName": "A hospital",
        "StudyDescription": "Thorax and abdomen",
        "SeriesDescription": "0.7 mm",
        "SliceThickness": "0.7",
        "KVP": "120",
        "ConvolutionKernel": "B30f",
        "AcquisitionNumber": "2",
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "PixelSpacing": ["0.7", "0.7"],
        "RescaleSlope": "1",
        "RescaleIntercept": "0",
        "RescaleType": "HU",
        "WindowCenter": "40",
        "WindowWidth": "400",
    }


def by_noctis(paths):
    from noctis_tui.reading.volume_loading import load_volumes

    (volume,) = load_volumes(paths).volumes
    return volume.stored_values


def by_vtk(paths):
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOImage import vtkDICOMImageReader

    reader = vtkDICOMImageReader()
    reader.SetDirectoryName(str(paths[0].parent))
    reader.Update()
    output = reader.GetOutput()
    columns, rows, slices = output.GetDimensions()
    values = vtk_to_numpy(output.GetPointData().GetScalars()).reshape(slices, rows, columns)
    return values[:, ::-1]


def by_simpleitk(paths):
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(paths[0].parent)))
    return reader.Execute()


def by_simpleitk_sorted(paths):
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames([str(path) for path in reversed(paths)])
    return reader.Execute()


READERS = {
    "noctis": by_noctis,
    "VTK": by_vtk,
    "SimpleITK": by_simpleitk,
    "sorted": by_simpleitk_sorted,
}


def compare(paths):
    """Prove that all make the same volume."""
    import SimpleITK

    ours = by_noctis(paths)
    for name in ("VTK", "SimpleITK"):
        theirs = READERS[name](paths)
        if name == "SimpleITK":
            assert (ours == SimpleITK.GetArrayViewFromImage(theirs)).all(), name
        else:  # VTK's slices may run the other way
            assert (ours == theirs).all() or (ours == theirs[::-1]).all(), name


def measure(paths, rounds):
    times = {name: [] for name in READERS}
    for _ in range(rounds):
        for name, read in READERS.items():
            start = time.perf_counter()
            volume = read(paths)
            times[name].append(time.perf_counter() - start)
            del volume
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--slices", type=int, nargs="+", default=[100, 400, 1200])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder", help="where the files are written; default: the temporary folder")
    options = parser.parse_args()
    print(f"{'slices':>6} {'':>10} {'ms':>8} {'ms/slice':>9} {'ratio':>7}")
    for slices in options.slices:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            paths = write_series(Path(folder), slices)
            compare(paths)
            times = measure(paths, options.rounds)
        for name, taken in times.items():
            median = statistics.median(taken) * 1000
            ratio = statistics.median(
                theirs / ours for theirs, ours in zip(taken, times["noctis"], strict=True)
            )
            print(f"{slices:6} {name:>10} {median:8.1f} {median / slices:9.3f} {ratio:7.2f}")


if __name__ == "__main__":
    main()
