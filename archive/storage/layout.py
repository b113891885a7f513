"""Where everything lies below the archive's root; no text of a peer ever becomes a path."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600


@lru_cache(maxsize=256)
def series_folder(study_uid: str, series_uid: str) -> str:
    """Return ``<2 hex>/<32 hex>``: a series' folder, below ``instances`` and below ``variants``."""
    series = hashlib.sha256(f"{study_uid}\0{series_uid}".encode()).hexdigest()[:32]
    return f"{series[:2]}/{series}"


def instance_location(study_uid: str, series_uid: str, sop_uid: str) -> str:
    """Return ``<2 hex>/<32 hex>/<32 hex>``: a series' folder and an instance's name in it, without suffix.

    The parts are truncated SHA-256 of the UIDs, so that no UID, however it was made up, leads elsewhere, and
    one series fills one folder.
    """
    name = hashlib.sha256(sop_uid.encode()).hexdigest()[:32]
    return f"{series_folder(study_uid, series_uid)}/{name}"


def instance_path(study_uid: str, series_uid: str, sop_uid: str) -> str:
    """Return where the first bytes kept under these UIDs lie, relative to the archive's root."""
    return f"instances/{instance_location(study_uid, series_uid, sop_uid)}.dcm"


def variant_path(study_uid: str, series_uid: str, sop_uid: str, digest: bytes) -> str:
    """Return where other bytes under the same UIDs lie, relative to the archive's root."""
    return f"variants/{instance_location(study_uid, series_uid, sop_uid)}-{digest.hex()}.dcm"


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of an archive."""

    root: Path

    @property
    def settings(self) -> Path:
        """The site's TOML."""
        return self.root / "noctis.toml"

    @property
    def index(self) -> Path:
        """The index: one SQLite file (with its WAL beside it)."""
        return self.root / "index.sqlite"

    @property
    def places(self) -> Path:
        """Where the files in place lie: what an index made again from the files needs besides them."""
        return self.root / "places.jsonl"

    @property
    def annotations(self) -> Path:
        """What readers drew and marked, change by change: an index made again takes it from there."""
        return self.root / "annotations.jsonl"

    @property
    def incoming(self) -> Path:
        """Files that are arriving (``.part``) or wait for their row (``.sealed``: the journal)."""
        return self.root / "incoming"

    @property
    def instances(self) -> Path:
        """The instances, one folder a series."""
        return self.root / "instances"

    @property
    def variants(self) -> Path:
        """Other bytes that came under a SOP Instance UID already taken."""
        return self.root / "variants"

    @property
    def quarantine(self) -> Path:
        """What was not understood and not acknowledged, kept for a person to look at."""
        return self.root / "quarantine"

    @property
    def thumbnails(self) -> Path:
        """Small pictures; may be deleted at any time."""
        return self.root / "thumbnails"

    @property
    def run(self) -> Path:
        """The lease, sockets and the receiver's status: nothing that survives a reboot matters here."""
        return self.root / "run"

    @property
    def log(self) -> Path:
        """Rotating logs."""
        return self.root / "log"

    @property
    def audit(self) -> Path:
        """Who did what: the records of `archive.audit`, never deleted by the archive itself."""
        return self.root / "audit"

    @property
    def deidentification_key(self) -> Path:
        """The site's key for pseudonyms (`archive.deidentification`): never leaves the archive."""
        return self.root / "deidentification.key"

    @property
    def suspicion(self) -> Path:
        """Exists while somebody has found the index damaged, until who writes has looked at it."""
        return self.run / "index-is-damaged"

    def holds_instances(self) -> bool:
        """Whether there is anything that an index should name."""
        if self.places.exists():
            return True
        below = (os.walk(folder) for folder in (self.instances, self.variants))
        return any(names for walk in below for _, _, names in walk)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Every folder, the root first."""
        below = (self.incoming, self.instances, self.variants, self.quarantine, self.thumbnails)
        return (self.root, *below, self.run, self.log, self.audit)

    def create(self) -> None:
        """Create what is missing, for this user only."""
        for folder in self.folders:
            folder.mkdir(mode=FOLDER_MODE, parents=folder is self.root, exist_ok=True)
