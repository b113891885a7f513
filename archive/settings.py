"""The site's settings: `noctis.toml` in the archive, read strictly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from archive.facility import Facility  # noqa: TC001 - pydantic reads the annotation
from archive.notification import Notification, NotificationTargets
from archive.strict_toml import Table, read_toml

if TYPE_CHECKING:
    from pathlib import Path


class TlsSettings(Table):
    """TLS on the receiver's port, as BCP 195 (RFC 9325) wants it: 1.2 or newer, forward secrecy.

    The files are PEM; a path that is not absolute begins at the archive's folder.
    """

    certificate: str = Field(min_length=1)
    """Our certificate, with the chain to its root behind it."""
    key: str = Field(min_length=1)
    """Our private key, without a passphrase."""
    ca: str = ""
    """The certificates that the peers' ones must be signed by, or the peers' own."""
    require_certificate: bool = True
    """Whether a peer must show a certificate; False encrypts only, for whoever connects."""


class ReceiverSettings(Table):
    """The DICOM receiver: where it listens and what it accepts."""

    host: str = "127.0.0.1"
    port: int = Field(default=11112, ge=0, le=65535)
    ae_title: str = Field(default="NOCTIS_SCP", min_length=1, max_length=16)
    allow_anyone: bool = False
    """Whether peers are admitted that no facility names, and other machines without any facility."""
    require_called_ae_title: bool = False
    """Whether a peer that calls us by another AE title is rejected."""
    accept_unknown_sop_classes: bool = False
    """Whether SOP classes that the standard does not list as storage are stored too (private ones)."""
    maximum_associations: int = Field(default=256, ge=1)
    maximum_pdu_bytes: int = Field(default=262_144, ge=4_096, le=16_777_216)
    maximum_instance_bytes: int = Field(default=8 * 2**30, ge=2**20)
    association_idle_seconds: float = Field(default=60, gt=0)
    pdu_seconds: float = Field(default=30, gt=0)
    drain_seconds: float = Field(default=10, ge=0)
    connections_per_minute: int = Field(default=0, ge=0)
    """How often one address may connect within a minute, whoever it is; 0 is no limit."""
    tls: TlsSettings | None = None
    """Without it, the receiver speaks DICOM in the clear."""


class StorageSettings(Table):
    """How bytes are kept."""

    fsync: bool = True
    """False trades safety against power loss for speed; a crash of the process still loses nothing."""
    strict_duplicates: bool = False
    """Answer 0111 to other bytes under a known SOP Instance UID instead of keeping a variant."""
    minimum_free_bytes: int = Field(default=2**30, ge=0)
    minimum_free_percent: float = Field(default=2, ge=0, le=90)
    quarantine_bytes: int = Field(default=2**30, ge=0)


class WorklistSettings(Table):
    """When a study counts as having arrived."""

    quiet_seconds: float = Field(default=60, gt=0)


class AuditSettings(Table):
    """The record of who did what."""

    key: str = ""
    """File of the chain's key: absolute, or below the archive; by default ``audit/key`` in the archive."""
    segment_bytes: int = Field(default=16 * 2**20, ge=4_096)
    """A file of records that has grown so large is followed by a new one; none is ever deleted."""


class LogSettings(Table):
    """The rotating log of `noctis receive`, ``log/noctis.jsonl``."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    maximum_bytes: int = Field(default=10 * 2**20, ge=4_096)
    files: int = Field(default=10, ge=1, le=1_000)
    """How many files are kept beside the one that is written."""


class SiteSettings(Table):
    """Everything that `noctis.toml` may say."""

    receiver: ReceiverSettings = ReceiverSettings()
    storage: StorageSettings = StorageSettings()
    worklist: WorklistSettings = WorklistSettings()
    audit: AuditSettings = AuditSettings()
    log: LogSettings = LogSettings()
    facility: tuple[Facility, ...] = Field(default=(), strict=False)
    """Each `[[facility]]`; where there is one, only peers that match one are admitted."""
    notification: tuple[Notification, ...] = Field(default=(), strict=False)
    """Each `[[notification]]`: what is told to the world outside, and where."""
    notification_targets: NotificationTargets = NotificationTargets()

    @field_validator("facility")
    @classmethod
    def _check_names(cls, facilities: tuple[Facility, ...]) -> tuple[Facility, ...]:
        names = [facility.name for facility in facilities]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two facilities are called {twice}")
        return facilities

    @field_validator("notification")
    @classmethod
    def _check_notifications(cls, notifications: tuple[Notification, ...]) -> tuple[Notification, ...]:
        names = [notification.name for notification in notifications]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two notifications are called {twice}")
        return notifications


def read_settings(path: Path) -> SiteSettings:
    """Read a site's TOML; a file that does not exist means the defaults; raises as `read_toml`."""
    return read_toml(path, SiteSettings)
