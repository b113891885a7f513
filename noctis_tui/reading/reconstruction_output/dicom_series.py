"""A series of derived DICOM images, a file each."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from noctis_tui.reading.reconstruction_output.source_header import header_of, source_references

if TYPE_CHECKING:
    from pathlib import Path

    from archive.pixels.voi_lut import Window
    from noctis_tui.reading.export.request import Watch
    from noctis_tui.reading.reconstruction_output.images import OutputSeries


def save_dicom_series(
    out: Path, series: OutputSeries, window: Window | None, watch: Watch, *, as_file: bool = False
) -> None:
    """Write 00001.dcm and so on into a folder, or the only image as a file.

    Raises
    ------
    BadInput
        A source file does not read.
    Cancelled
        Somebody asked to stop.
    OSError
        The disk refuses.
    """
    from noctis_tui.reading.reconstruction_output.derived_images import DerivedImages  # noqa: PLC0415 - pydicom
    from noctis_tui.reading.reconstruction_output.whole_values import whole_values  # noqa: PLC0415 - beside it

    uids = dict.fromkeys(series.volume.source_sop_instance_uids)
    files = [series.files[uid] for uid in uids if uid in series.files] or list(series.files.values())
    derived = DerivedImages(
        series, header_of(files), source_references(files), whole_values(series.volume), window
    )
    for number, image in enumerate(series.images, 1):
        content = BytesIO()
        derived.instance(image, number).save_as(content, enforce_file_format=True)
        # Written by ourselves: pydicom takes the number out of the disk's errors.
        (out if as_file else out / f"{number:05}.dcm").write_bytes(content.getbuffer())
        watch.step("writing")
