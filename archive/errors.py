"""What went wrong, in one sentence, with the DIMSE status and exit code that go with it."""

from __future__ import annotations

from typing import ClassVar


class NoctisError(Exception):
    """A failure that a person reads as one sentence, never as a traceback.

    Attributes
    ----------
    exit_code
        Exit code of a command that ends with this error.
    dimse_status
        Status of a DIMSE response that ends with this error (PS3.4 B.2.3, PS3.7 Annex C).
    """

    exit_code: ClassVar[int] = 2
    dimse_status: ClassVar[int] = 0x0110


class BadInput(NoctisError):
    """The caller gave something that cannot be used as it is."""


class NotFound(BadInput):
    """Nothing in the archive or on disk answers to that name."""


class CannotRead(BadInput):
    """A file is there, but may not be opened, or the disk does not give it."""


class ArchiveBusy(NoctisError):
    """Another process holds the archive (``EX_TEMPFAIL``)."""

    exit_code = 75
    dimse_status = 0xA700


class Interrupted(NoctisError):
    """What was asked for was stopped before its end."""

    exit_code = 130


class OutOfResources(NoctisError):
    """No space, no inodes, no permission to write, or a failing disk: A700."""

    dimse_status = 0xA700


class IndexDamaged(OutOfResources):
    """The index is damaged, gone or being rebuilt; the files are not, and who writes rebuilds it."""


class QuotaReached(OutOfResources):
    """The peer's facility has stored as much as it may today: A700."""


class FailingDisk(OutOfResources):
    """The disk lost a write (EIO): what later calls report cannot be trusted, so nothing more is kept.

    A service that ends with it is unhealthy (``EX_IOERR``), and stays so until someone sees to the disk.
    """

    exit_code = 74


class CannotRecord(NoctisError):
    """The index does not take an instance for a reason that no one foresaw: 0110, and the others go on."""


class DataSetMismatch(NoctisError):
    """The data set does not belong to its command or lacks what identifies it: A900."""

    dimse_status = 0xA900


class CannotUnderstand(NoctisError):
    """The bytes do not parse as a data set from first to last: C000."""

    dimse_status = 0xC000


class SopClassNotSupported(NoctisError):
    """The SOP class is not one that this archive stores: 0122."""

    dimse_status = 0x0122


class NotAuthorized(NoctisError):
    """The peer's facility may not do this: 0124."""

    dimse_status = 0x0124


class DuplicateSopInstance(NoctisError):
    """The SOP Instance UID is taken by other bytes and the site is strict: 0111."""

    dimse_status = 0x0111


class CannotDecode(NoctisError):
    """The pixels cannot be decoded; the sentence says why and what would help."""


class NotAnImage(CannotDecode):
    """The instance has no pixels to show."""
