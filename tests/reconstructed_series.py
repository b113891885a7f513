"""Reconstructed series by hand, for tests of what they are written as."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from volume_phantoms import CORONAL, Grid, index_ramp, turned, write_series

from noctis_tui.imaging.planes.reslicing import reslice
from noctis_tui.reading.reconstruction_output.images import Contrast, OutputImage, OutputSeries
from noctis_tui.reading.volume_loading import load_volumes

if TYPE_CHECKING:
    from pathlib import Path

    from noctis_tui.imaging.volume import Volume

GRID = Grid((9, 12, 14), spacing_mm=(3.0, 0.8, 0.7), first_mm=(-31.0, 12.5, 88.25))
OBLIQUE = replace(GRID, orientation=turned(CORONAL, (1, 2, 3), 25))
PATIENT = {
    "PatientName": "Müller^Jürgen",
    "PatientID": "P-7",
    "PatientBirthDate": "19500102",
    "PatientSex": "M",
    "SpecificCharacterSet": "ISO_IR 100",
    "StudyDate": "20260102",
    "StudyTime": "101112",
    "StudyID": "S1",
    "AccessionNumber": "A-9",
    "ReferringPhysicianName": "Ref^Erring",
    "SeriesDescription": "Thorax 3.0",
    "Manufacturer": "Maker",
    "KVP": "120",
    "ExposureTime": lambda k: str(500 + k),
    "ConvolutionKernel": "B30f",
    "PatientPosition": "HFS",
}


def loaded(folder: Path, grid: Grid = GRID, **attributes) -> tuple[Volume, dict[str, Path]]:
    """Write a series and load it; return its volume and files by SOP Instance UID."""
    import pydicom

    paths = write_series(folder, grid, index_ramp(grid), **(PATIENT | attributes))
    (volume,) = load_volumes(paths).volumes
    uids = (pydicom.dcmread(path, specific_tags=["SOPInstanceUID"]).SOPInstanceUID for path in paths)
    return volume, dict(zip(map(str, uids), paths, strict=True))


def own_slices(volume: Volume, files: dict[str, Path], **said) -> OutputSeries:
    """Return the volume's own slices as a reconstruction of it."""
    slices = volume.shape[0]
    images = (
        OutputImage(
            reslice(volume, grid := volume.slice_at(k)),
            grid.plane.row_spacing_mm,
            grid.plane.column_spacing_mm,
            grid,
            source_sop_instance_uids=(volume.source_sop_instance_uids[k],),
        )
        for k in range(slices)
    )
    series = OutputSeries(images, slices, Contrast.MPR, "MPR axial", "Planes of a volume.", volume, files)
    return replace(series, **said)
