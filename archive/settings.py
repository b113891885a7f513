"""The site's settings: `noctis.toml` in the archive, read strictly."""

from __future__ import annotations

import difflib
import tomllib
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from archive.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS_NAME = "noctis.toml"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ReceiverSettings(_Table):
    """The DICOM receiver: where it listens and what it accepts."""

    host: str = "127.0.0.1"
    port: int = Field(default=11112, ge=0, le=65535)
    ae_title: str = Field(default="NOCTIS_SCP", min_length=1, max_length=16)
    allow_anyone: bool = False
    """Whether an address other than loopback may be listened on without any facility."""
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


class StorageSettings(_Table):
    """How bytes are kept."""

    fsync: bool = True
    """False trades safety against power loss for speed; a crash of the process still loses nothing."""
    strict_duplicates: bool = False
    """Answer 0111 to other bytes under a known SOP Instance UID instead of keeping a variant."""
    minimum_free_bytes: int = Field(default=2**30, ge=0)
    minimum_free_percent: float = Field(default=2, ge=0, le=90)
    quarantine_bytes: int = Field(default=2**30, ge=0)


class WorklistSettings(_Table):
    """When a study counts as having arrived."""

    quiet_seconds: float = Field(default=60, gt=0)


class SiteSettings(_Table):
    """Everything that `noctis.toml` may say."""

    receiver: ReceiverSettings = ReceiverSettings()
    storage: StorageSettings = StorageSettings()
    worklist: WorklistSettings = WorklistSettings()


def read_settings(path: Path) -> SiteSettings:
    """Read a site's TOML; a file that does not exist means the defaults.

    Raises
    ------
    BadInput
        The TOML does not parse, a value does not fit, or a key is unknown (the nearest one is offered).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return SiteSettings()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}.") from error
    try:
        return SiteSettings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise BadInput(f"{path}: {_sentence(error)}") from error


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        return f"{where}: {first['msg']}."
    nearest = difflib.get_close_matches(
        str(first["loc"][-1]), _known_keys(first["loc"][:-1]), n=1, cutoff=0.5
    )
    offer = f"; did you mean {nearest[0]}?" if nearest else "."
    return f"{where} is not a setting{offer}"


def _known_keys(table: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = SiteSettings
    for name in table:
        annotation = model.model_fields[str(name)].annotation
        assert isinstance(annotation, type)
        model = annotation
    return list(model.model_fields)
