"""What `noctis.toml` says about notifications: whom to tell of what, and where anything may be sent."""

from __future__ import annotations

from string import Template
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from archive.strict_toml import Table

NotificationEvent = Literal["study_quiet", "receiver_unhealthy", "disk_nearly_full", "association_refused"]
"""What can be told to the world outside."""

_EVERYWHERE = frozenset({"event", "at", "ae_title"})
PATIENT_FIELDS = frozenset(
    {
        "patient_name",
        "patient_id",
        "patient_birth_date",
        "study_date",
        "study_description",
        "accession_number",
    }
)
"""Words of a template that are only filled in where the site says so, with `patient_data`."""
FIELDS: dict[str, frozenset[str]] = {
    "study_quiet": _EVERYWHERE
    | {"study_instance_uid", "modalities", "series", "instances", "size", "calling_ae_titles"},
    "receiver_unhealthy": _EVERYWHERE | {"reason"},
    "disk_nearly_full": _EVERYWHERE | {"free", "reserve"},
    "association_refused": _EVERYWHERE | {"peer", "calling_ae_title", "called_ae_title", "factor", "reason"},
}
"""The words that a template may use of each event."""


def _lowered(name: str) -> str:
    if not name or name != name.strip() or "/" in name:
        raise ValueError("a schema is named as in json or mailtos, a host as in mail.example.org")
    return name.lower()


_Name = Annotated[str, AfterValidator(_lowered)]


class NotificationTargets(Table):
    """Where notifications may be sent at all; what is not named here is never spoken to."""

    schemas: tuple[_Name, ...] = Field(default=(), strict=False)
    """Kinds of services by the schema of their URL, such as `mailtos`, `jsons`, `slack`."""
    hosts: tuple[_Name, ...] = Field(default=(), strict=False)
    """Names (or addresses) of the machines that are spoken to, exactly as they are connected to."""


class Notification(Table):
    """One `[[notification]]`: what is sent where; one of `url`, `url_env` and `url_file` says where."""

    name: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9 _.-]+$")
    """What it is called in logs, which never show its URL."""
    url: SecretStr = SecretStr("")
    """An Apprise URL; it usually holds a password or a token."""
    url_env: str = ""
    """The environment variable of the receiver that holds the URL."""
    url_file: str = ""
    """The file that holds the URL: absolute, or below the archive."""
    events: tuple[NotificationEvent, ...] = Field(min_length=1, strict=False)
    template: str = Field(default="", max_length=2_000)
    """A line for each event, with words such as `$instances`; without it, one that names no patient."""
    patient_data: bool = False
    """Whether the template may name the patient and the study."""
    seconds_between: float = Field(default=60, ge=1, le=86_400)
    """The least time between two messages; what happens meanwhile goes into the next one."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        said = [bool(self.url.get_secret_value()), bool(self.url_env), bool(self.url_file)]
        if sum(said) != 1:
            raise ValueError("say where with exactly one of url, url_env and url_file")
        _check_template(self.template, self.events, patient_data=self.patient_data)
        return self


def _check_template(template: str, events: tuple[str, ...], *, patient_data: bool) -> None:
    parsed = Template(template)
    if not parsed.is_valid():
        raise ValueError("the template has a $ without a word behind it; $$ is a dollar sign")
    words = set(parsed.get_identifiers())
    if not patient_data and words & PATIENT_FIELDS:
        raise ValueError(f"${min(words & PATIENT_FIELDS)} needs patient_data = true")
    for event in events:
        known = FIELDS[event] | (PATIENT_FIELDS if event == "study_quiet" else frozenset())
        if unknown := words - known:
            raise ValueError(
                f"a template of {event} knows no ${min(unknown)}; it knows {_listed(FIELDS[event])}"
            )


def _listed(fields: frozenset[str]) -> str:
    return ", ".join(f"${field}" for field in sorted(fields))
