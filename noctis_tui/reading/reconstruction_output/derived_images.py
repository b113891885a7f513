"""Reconstructed images as DICOM instances of a new series: derived, placed, with their sources named."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRLittleEndian,
    MRImageStorage,
    PositronEmissionTomographyImageStorage,
    SecondaryCaptureImageStorage,
)
from pydicom.valuerep import format_number_as_ds

from archive.dicom.part10 import IMPLEMENTATION_CLASS_UID
from archive.reporting.document import MANUFACTURER, new_uid, software_version
from noctis_tui.reading.reconstruction_output.images import Contrast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archive.pixels.voi_lut import Window
    from noctis_tui.reading.reconstruction_output.images import OutputImage, OutputSeries
    from noctis_tui.reading.reconstruction_output.whole_values import WholeValues

SERIES_NUMBER: Final = 9804
"""Behind those of any scanner, as `archive.reporting.document` has them."""
_CLASSES: Final = {
    "CT": CTImageStorage,
    "MR": MRImageStorage,
    "PT": PositronEmissionTomographyImageStorage,
}
_DERIVATIONS: Final = {
    Contrast.MPR: codes.DCM.MultiplanarReformatting,
    Contrast.MIP: codes.DCM.MaximumIntensityProjection,
    Contrast.MINIP: codes.DCM.MinimumIntensityProjection,
    Contrast.MEAN: codes.DCM.PixelByPixelMean,
    Contrast.CPR: codes.DCM.CurvedMultiplanarReformatting,
}
_MISSING_TEXT: Final = {
    "PatientName": "",
    "PatientID": "",
    "PatientBirthDate": "",
    "PatientSex": "",
    "StudyDate": "",
    "StudyTime": "",
    "StudyID": "",
    "AccessionNumber": "",
    "ReferringPhysicianName": "",
    "Manufacturer": "",
    "PositionReferenceIndicator": "",
    "PatientPosition": "",
}
"""Type 2: there, even when empty."""
_MISSING: Final[dict[str, dict[str, Any]]] = {
    CTImageStorage: {"KVP": None, "AcquisitionNumber": None},
    MRImageStorage: {
        "ScanningSequence": "RM",
        "SequenceVariant": "NONE",
        "ScanOptions": "",
        "MRAcquisitionType": "",
        "RepetitionTime": None,
        "EchoTime": None,
        "EchoTrainLength": None,
    },
    PositronEmissionTomographyImageStorage: {
        "Units": "BQML",
        "CountsSource": "EMISSION",
        "SeriesType": ["WHOLE BODY", "IMAGE"],
        "CorrectedImage": "",
        "DecayCorrection": "NONE",
        "CollimatorType": "",
        "FrameReferenceTime": 0,
        "ActualFrameDuration": "",
        "RadiopharmaceuticalInformationSequence": [],
        "PatientOrientationCodeSequence": [],
        "AcquisitionDate": "",
        "AcquisitionTime": "",
        "PatientGantryRelationshipCodeSequence": [],
    },
    SecondaryCaptureImageStorage: {"ConversionType": "WSD", "PatientOrientation": ""},
}
"""What the classes ask for, for sources of other classes that lack it."""


class DerivedImages:
    """Makes the instances of one new series.

    Parameters
    ----------
    header
        What is taken over from the sources (`source_header.header_of`); kept as it is.
    classes
        SOP Class UIDs of the sources by SOP Instance UID.
    values
        How values are stored.
    window
        That the images are best seen with; None for none.
    """

    def __init__(
        self,
        series: OutputSeries,
        header: Dataset,
        classes: Mapping[str, str],
        values: WholeValues,
        window: Window | None,
    ) -> None:
        self._series = series
        self._classes = classes
        self._values = values
        self._window = window
        self._made_at = datetime.now().astimezone()
        self._series_uid = new_uid()
        self._common = self._of_all(header)

    def instance(self, image: OutputImage, number: int) -> Dataset:
        """Return an instance with its pixels and file meta, ready to be written."""
        ds = Dataset()
        ds.update(self._common)
        ds.SOPInstanceUID = new_uid()
        ds.InstanceNumber = number
        self._place(ds, image)
        ds.SourceImageSequence = self._sources(image)
        stored = self._values.stored(image.values)
        ds.Rows, ds.Columns = stored.shape
        ds.PixelData = stored.astype("<i2").tobytes()
        ds.file_meta = self._meta(ds)
        return ds

    def _of_all(self, header: Dataset) -> Dataset:
        ds = Dataset()
        ds.update(header)
        is_placed = self._series.contrast is not Contrast.CPR
        modality = str(header.get("Modality")) if is_placed else ""
        sop_class = _CLASSES.get(modality, SecondaryCaptureImageStorage)
        ds.SOPClassUID = sop_class
        missing = _MISSING_TEXT | _MISSING[sop_class]
        if "BodyPartExamined" not in ds:
            missing |= {"Laterality": ""}  # of a part that nobody named it is unknown whether there are two
        for keyword, value in missing.items():
            if keyword not in ds:
                setattr(ds, keyword, value)
        self._describe(ds, str(header.get("SeriesDescription") or ""))
        self._encode(ds)
        if is_placed and not ds.get("FrameOfReferenceUID"):
            ds.FrameOfReferenceUID = new_uid()  # the images lie in one space, even when nobody named it
        if not is_placed:
            for keyword in ("FrameOfReferenceUID", "PositionReferenceIndicator"):
                ds.pop(keyword, None)
        return ds

    def _describe(self, ds: Dataset, of: str) -> None:
        date, time = f"{self._made_at:%Y%m%d}", f"{self._made_at:%H%M%S.%f}"
        for what in ("InstanceCreation", "Series", "Content"):
            setattr(ds, f"{what}Date", date)
            setattr(ds, f"{what}Time", time)
        is_pet = ds.SOPClassUID == PositronEmissionTomographyImageStorage  # which knows PRIMARY only
        ds.ImageType = ["DERIVED", "PRIMARY" if is_pet else "SECONDARY", self._series.contrast.value]
        ds.SeriesInstanceUID, ds.SeriesNumber = self._series_uid, SERIES_NUMBER
        ds.SeriesDescription = f"{self._series.title} {of}".strip()[:64]
        ds.DerivationDescription = self._series.derivation[:1024]
        ds.DerivationCodeSequence = Sequence([_coded(_DERIVATIONS[self._series.contrast])])
        made = Dataset()
        made.Manufacturer = MANUFACTURER
        made.ManufacturerModelName = "Noctis TUI"
        made.SoftwareVersions = software_version()
        made.PurposeOfReferenceCodeSequence = Sequence([_coded(codes.DCM.ProcessingEquipment)])
        ds.ContributingEquipmentSequence = Sequence([made])

    def _encode(self, ds: Dataset) -> None:
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.BitsAllocated = ds.BitsStored = 16
        ds.HighBit, ds.PixelRepresentation = 15, 1
        values, window = self._values, self._window
        if values.padding is not None:
            ds.add_new("PixelPaddingValue", "SS", values.padding)
        if ds.SOPClassUID != MRImageStorage or (values.slope, values.intercept) != (1, 0):
            ds.RescaleSlope, ds.RescaleIntercept = _number(values.slope), _number(values.intercept)
            if "RescaleType" not in ds and ds.SOPClassUID != PositronEmissionTomographyImageStorage:
                ds.RescaleType = self._series.volume.rescale_type or self._series.volume.units or "US"
        if window is not None:
            ds.WindowCenter, ds.WindowWidth = _number(window.center), _number(window.width)
            if window.function != "LINEAR":
                ds.VOILUTFunction = window.function
        if ds.SOPClassUID == PositronEmissionTomographyImageStorage:
            ds.NumberOfSlices = self._series.count
            ds.pop("PatientPosition", None)  # the codes of Patient Orientation say it (PS3.3 C.7.3.1.1.2)

    def _place(self, ds: Dataset, image: OutputImage) -> None:
        ds.PixelSpacing = [_number(image.row_spacing_mm), _number(image.column_spacing_mm)]
        grid = image.grid
        if grid is None:
            return
        plane = grid.plane
        ds.ImagePositionPatient = [_number(part) for part in plane.position_mm]
        ds.ImageOrientationPatient = [_number(part) for part in plane.orientation]
        ds.SliceLocation = _number(plane.position_along_normal_mm)
        depth = image.slab_thickness_mm or self._voxel_depth_mm(plane.normal)
        ds.SliceThickness = _number(depth)
        if ds.SOPClassUID == PositronEmissionTomographyImageStorage:
            ds.ImageIndex = ds.InstanceNumber

    def _voxel_depth_mm(self, normal: tuple[float, float, float]) -> float:
        """Return how far a voxel reaches along a direction: what a plane without a slab shows."""
        axes = self._series.volume.index_to_patient[:3, :3]
        return float(sum(abs(float(axis @ normal)) for axis in axes.T))

    def _sources(self, image: OutputImage) -> Sequence:
        references = []
        for uid in image.source_sop_instance_uids:
            if uid in self._classes:
                reference = Dataset()
                reference.ReferencedSOPClassUID = self._classes[uid]
                reference.ReferencedSOPInstanceUID = uid
                reference.PurposeOfReferenceCodeSequence = Sequence(
                    [_coded(codes.DCM.SourceImageForImageProcessingOperation)]
                )
                references.append(reference)
        return Sequence(references)

    @staticmethod
    def _meta(ds: Dataset) -> FileMetaDataset:
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = ds.SOPClassUID
        meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
        return meta


def _coded(code: Any) -> Dataset:  # noqa: ANN401 - pydicom's Code
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item


def _number(value: float) -> str:
    """Return a Decimal String of 16 characters at most, as exact as that allows."""
    return format_number_as_ds(float(value))
