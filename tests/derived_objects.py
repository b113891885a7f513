"""Objects that refer to images, made by highdicom and pydicom over pydicom's own CT: for tests."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.stack import FrameRef

STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
DOSE = "1.2.840.10008.5.1.4.1.1.481.2"


def ct_files() -> list[Path]:
    """Four parallel slices of 16 x 16, one far from the other three."""
    folder = Path(get_testdata_file("dicomdirtests/77654033/CT2/17136")).parent
    return sorted(folder.iterdir())


def ct_data_sets():
    return [dcmread(file) for file in ct_files()]


def shown(path: Path):
    """Return what the viewer hands to a mark source."""
    return read_frame(path), FrameRef(path, 0)


def segmentation(masks, kind="BINARY", colors=(), sources=None, labels=(), **options):
    """Make a SEG of masks [slices, rows, columns, segments] (or labels without the last axis)."""
    import highdicom as hd
    from pydicom.sr.codedict import codes

    count = masks.shape[3] if masks.ndim == 4 else int(masks.max())
    algorithm = hd.AlgorithmIdentificationSequence("a test", codes.cid7162.NeighborhoodAnalysis, "1")
    descriptions = [
        hd.seg.SegmentDescription(
            number,
            labels[number - 1] if labels else f"Part {number}",
            codes.SCT.Tissue,
            codes.SCT.Lung,
            hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
            algorithm,
            display_color=hd.color.CIELabColor(*colors[number - 1]) if colors else None,
        )
        for number in range(1, count + 1)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return hd.seg.Segmentation(
            sources or ct_data_sets(),
            masks,
            hd.seg.SegmentationTypeValues[kind],
            descriptions,
            generate_uid(),
            1,
            generate_uid(),
            1,
            "Noctis",
            "a test",
            "1",
            "1",
            **options,
        )


def saved(ds, path: Path, sop_class: str = "") -> Path:
    """Write a data set; pydicom's own ones are given what a file needs."""
    if sop_class:
        ds.SOPClassUID, ds.SOPInstanceUID = sop_class, generate_uid()
        ds.SeriesInstanceUID = generate_uid()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.file_meta.MediaStorageSOPClassUID = sop_class
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.save_as(path, enforce_file_format=True)
    return path


def items(**attributes) -> Dataset:
    ds = Dataset()
    for keyword, value in attributes.items():
        setattr(ds, keyword, Sequence(value) if keyword.endswith("Sequence") else value)
    return ds


def structure_set(source, contours, **more) -> Dataset:
    """Make an RTSTRUCT; `contours` are (structure number, geometric type, points LPS mm)."""
    numbers = sorted({number for number, _, _ in contours})
    ds = items(
        PatientID=source.PatientID,
        PatientName=str(source.PatientName),
        StudyInstanceUID=source.StudyInstanceUID,
        Modality="RTSTRUCT",
        StructureSetLabel="A plan",
        StructureSetROISequence=[
            items(
                ROINumber=number,
                ROIName=f"Organ {number}",
                ReferencedFrameOfReferenceUID=source.FrameOfReferenceUID,
            )
            for number in numbers
        ],
        ROIContourSequence=[
            items(
                ReferencedROINumber=number,
                ROIDisplayColor=[10 * number, 200, 30],
                ContourSequence=[
                    items(
                        ContourGeometricType=kind,
                        NumberOfContourPoints=len(points),
                        ContourData=[f"{value:.4f}" for point in points for value in point],
                    )
                    for other, kind, points in contours
                    if other == number
                ],
            )
            for number in numbers
        ],
        ReferencedFrameOfReferenceSequence=[
            items(
                FrameOfReferenceUID=source.FrameOfReferenceUID,
                RTReferencedStudySequence=[
                    items(RTReferencedSeriesSequence=[items(SeriesInstanceUID=source.SeriesInstanceUID)])
                ],
            )
        ],
    )
    for keyword, value in more.items():
        setattr(ds, keyword, value)
    return ds


def dose(source, grid, position, offsets, spacing=(1.0, 1.0), scaling=0.001, orientation=None) -> Dataset:
    """Make an RTDOSE of stored values [planes, rows, columns]."""
    ds = items(
        PatientID=source.PatientID,
        PatientName=str(source.PatientName),
        StudyInstanceUID=source.StudyInstanceUID,
        FrameOfReferenceUID=source.FrameOfReferenceUID,
        Modality="RTDOSE",
        DoseUnits="GY",
        DoseType="PHYSICAL",
        DoseSummationType="PLAN",
        DoseGridScaling=str(scaling),
        GridFrameOffsetVector=[str(value) for value in offsets],
        ImagePositionPatient=[str(value) for value in position],
        ImageOrientationPatient=orientation or [1, 0, 0, 0, 1, 0],
        PixelSpacing=[str(value) for value in spacing],
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        NumberOfFrames=str(grid.shape[0]),
        Rows=grid.shape[1],
        Columns=grid.shape[2],
        BitsAllocated=32,
        BitsStored=32,
        HighBit=31,
        PixelRepresentation=0,
    )
    ds.add_new("PixelData", "OW", np.ascontiguousarray(grid, np.uint32).tobytes())
    return ds
