"""What derived images take over from the images they were made of (PS3.3 A.3, A.4, A.21).

Patient, study, frame of reference and equipment stay; of the acquisition what all slices share. What was true
of one slice alone, and everything private, does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.errors import BadInput, CannotRead

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

_LONGEST_BYTES = 64 << 10
"""Longer values are not read, and no attribute that is kept has one."""

_FORMED = frozenset({"AS", "CS", "DA", "TM", "UI"})
"""Value representations of which nothing is taken over that is no such value."""
_PATIENT = """
PatientName PatientID IssuerOfPatientID TypeOfPatientID IssuerOfPatientIDQualifiersSequence
PatientBirthDate PatientBirthTime PatientSex OtherPatientIDsSequence OtherPatientNames EthnicGroup
PatientComments PatientSpeciesDescription PatientSpeciesCodeSequence PatientBreedDescription
PatientBreedCodeSequence BreedRegistrationSequence ResponsiblePerson ResponsiblePersonRole
ResponsibleOrganization PatientIdentityRemoved DeidentificationMethod
DeidentificationMethodCodeSequence LongitudinalTemporalInformationModified ClinicalTrialSponsorName
ClinicalTrialProtocolID ClinicalTrialProtocolName ClinicalTrialSiteID ClinicalTrialSiteName
ClinicalTrialSubjectID ClinicalTrialSubjectReadingID ClinicalTrialTimePointID
ClinicalTrialTimePointDescription
"""
_STUDY = """
StudyInstanceUID StudyDate StudyTime ReferringPhysicianName StudyID AccessionNumber
IssuerOfAccessionNumberSequence StudyDescription PhysiciansOfRecord NameOfPhysiciansReadingStudy
ReferencedStudySequence ProcedureCodeSequence ReasonForPerformedProcedureCodeSequence
AdmittingDiagnosesDescription PatientAge PatientSize PatientWeight PatientSexNeutered Occupation
AdditionalPatientHistory PregnancyStatus Allergies MedicalAlerts AdmissionID
"""
_SERIES = """
Modality SeriesDescription Laterality PerformingPhysicianName OperatorsName ProtocolName
BodyPartExamined PatientPosition PerformedProcedureStepID PerformedProcedureStepStartDate
PerformedProcedureStepStartTime PerformedProcedureStepDescription RequestAttributesSequence
AnatomicRegionSequence FrameOfReferenceUID PositionReferenceIndicator
SynchronizationFrameOfReferenceUID Manufacturer InstitutionName InstitutionAddress StationName
InstitutionalDepartmentName ManufacturerModelName DeviceSerialNumber SoftwareVersions GantryID
ContrastBolusAgent ContrastBolusAgentSequence ContrastBolusRoute ContrastBolusVolume
ContrastBolusStartTime ContrastBolusStopTime ContrastBolusTotalDose ContrastBolusIngredient
ContrastBolusIngredientConcentration LossyImageCompression LossyImageCompressionRatio
LossyImageCompressionMethod BurnedInAnnotation RecognizableVisualFeatures RescaleType Units
"""
_ACQUISITION = """
AcquisitionDate AcquisitionTime AcquisitionNumber KVP ScanOptions DataCollectionDiameter
ReconstructionDiameter ConvolutionKernel FilterType ExposureModulationType SingleCollimationWidth
TotalCollimationWidth SpiralPitchFactor ScanningSequence SequenceVariant MRAcquisitionType
SequenceName AngioFlag RepetitionTime EchoTime InversionTime EchoTrainLength FlipAngle
NumberOfAverages MagneticFieldStrength ImagingFrequency ImagedNucleus EchoNumbers ReceiveCoilName
VariableFlipAngleFlag CountsSource SeriesType ReprojectionMethod NumberOfRRIntervals CorrectedImage
DecayCorrection RandomsCorrectionMethod AttenuationCorrectionMethod ScatterCorrectionMethod
DeadTimeFactor RadiopharmaceuticalInformationSequence PatientOrientationCodeSequence
PatientGantryRelationshipCodeSequence FrameReferenceTime ActualFrameDuration CollimatorType
"""


def header_of(files: Sequence[Path]) -> Dataset:
    """Return what a new series takes over from the files it is made of; texts are UTF-8 from now on.

    Parameters
    ----------
    files
        At least one. Patient, study and series are those of the first; of the acquisition what the first, the
        middle and the last say alike.

    Raises
    ------
    BadInput
        A file does not read.
    """
    from pydicom.dataset import Dataset  # noqa: PLC0415 - pydicom loads slowly

    some = dict.fromkeys((files[0], files[len(files) // 2], files[-1]))
    headers = [_read(path) for path in some]
    kept = Dataset()
    for keyword in f"{_PATIENT} {_STUDY} {_SERIES}".split():
        _take(kept, headers[:1], keyword)
    for keyword in _ACQUISITION.split():
        _take(kept, headers, keyword)
    if "IR" not in (kept.get("ScanningSequence") or ""):
        kept.pop("InversionTime", None)  # of other sequences it may not be there (PS3.3 C.8.3.1)
    kept.SpecificCharacterSet = "ISO_IR 192"
    return kept


def source_references(files: Iterable[Path]) -> dict[str, str]:
    """Return the SOP Class UID of each instance by its SOP Instance UID; what does not read is left out."""
    from archive.dicom.header import read_header  # noqa: PLC0415 - only for DICOM
    from archive.errors import NoctisError  # noqa: PLC0415 - the same

    found: dict[str, str] = {}
    for path in dict.fromkeys(files):
        try:
            header = read_header(path)
        except NoctisError:
            continue
        found[header.sop_instance_uid] = header.sop_class_uid
    return found


def _read(path: Path) -> Dataset:
    from pydicom import dcmread  # noqa: PLC0415 - pydicom loads slowly

    try:
        return dcmread(path, stop_before_pixels=True, defer_size=_LONGEST_BYTES, force=True)
    except OSError as error:
        raise CannotRead(f"A source file cannot be read: {error.strerror}.") from error
    except Exception as error:  # whatever a hostile file makes of its reader
        raise BadInput("A source file cannot be read as DICOM.") from error


def _take(kept: Dataset, headers: Sequence[Dataset], keyword: str) -> None:
    """Take over an attribute that all headers have alike, without anything private below it."""
    values = [_value(header, keyword) for header in headers]
    if values[0] is None or any(value != values[0] for value in values[1:]):
        return
    try:
        setattr(kept, keyword, values[0])
        element = kept[keyword]
        if element.VR == "SQ":
            for item in element.value:
                item.remove_private_tags()
        elif element.VR in _FORMED:
            _check(element)
    except Exception:  # noqa: BLE001 - a value that pydicom does not take is not worth a series
        if keyword in kept:
            delattr(kept, keyword)


def _check(element: DataElement) -> None:
    """Raise ValueError for what no file may hold: the source did, the new series shall not."""
    from pydicom import config  # noqa: PLC0415 - pydicom loads slowly
    from pydicom.valuerep import validate_value  # noqa: PLC0415 - the same

    for value in element.value if element.VM > 1 else (element.value,):
        validate_value(element.VR, str(value), config.RAISE)


def _value(header: Dataset, keyword: str) -> Any:  # noqa: ANN401 - any attribute's
    try:
        return header.get(keyword)
    except Exception:  # noqa: BLE001 - a hostile value is as good as none
        return None
