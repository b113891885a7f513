"""A facility: whose application entities may speak to us, how, and how much."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from archive.strict_toml import Table

PermittedOperation = Literal["echo", "store", "find", "get", "move"]
"""What a facility may be allowed to ask for (C-ECHO, C-STORE, C-FIND, C-GET, C-MOVE; PS3.7 9.1)."""

_PIN = re.compile("[0-9a-f]{64}")
_UID = re.compile(r"[0-9]+(\.[0-9]+)+")
_LONGEST_NAME = 64


def is_ae_title(title: str) -> bool:
    """Tell whether a stripped text can be an AE title (PS3.5 6.2: no backslash, no control characters)."""
    return 0 < len(title) <= 16 and title.isascii() and title.isprintable() and "\\" not in title


def _check_name(name: str) -> str:
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise ValueError(f"a facility's name is 1 to {_LONGEST_NAME} printable characters")
    return name


def _check_ae_title(title: str) -> str:
    if not is_ae_title(title) or title != title.strip():
        raise ValueError("an AE title is 1 to 16 printable ASCII characters without a backslash")
    return title


def _check_network(address: str) -> str:
    ipaddress.ip_network(address)  # its ValueError is a sentence: "10.1.2.3/24 has host bits set"
    return address


def _read_pin(pin: str) -> str:
    bare = pin.replace(":", "").lower()
    if not _PIN.fullmatch(bare):
        raise ValueError("a certificate is named by its SHA-256 fingerprint, 64 hexadecimal digits")
    return bare


def _check_uid(uid: str) -> str:
    if len(uid) > 64 or not _UID.fullmatch(uid):
        raise ValueError("a SOP class is named by its UID, such as 1.2.840.10008.5.1.4.1.1.2")
    return uid


_Name = Annotated[str, AfterValidator(_check_name)]
_AeTitle = Annotated[str, AfterValidator(_check_ae_title)]
_Network = Annotated[str, AfterValidator(_check_network)]
_Pin = Annotated[str, AfterValidator(_read_pin)]
_Uid = Annotated[str, AfterValidator(_check_uid)]


def _array() -> tuple[()]:
    """Return a field's default: nothing said; TOML's arrays become tuples, their items stay strict."""
    field: tuple[()] = Field(default=(), strict=False)
    return field


class Facility(Table):
    """One `[[facility]]` of `noctis.toml`; every factor that is set must match, an empty one always does.

    The first facility of the file that matches a peer's address, AE titles and certificate is the peer's.
    An AE title alone identifies; it does not authenticate.
    """

    name: _Name
    calling_ae_titles: tuple[_AeTitle, ...] = _array()
    """By which AE titles its peers introduce themselves."""
    called_ae_titles: tuple[_AeTitle, ...] = _array()
    """By which AE titles its peers may call us."""
    addresses: tuple[_Network, ...] = _array()
    """From where they call: IPv4 or IPv6 addresses, or networks in CIDR notation (RFC 4632)."""
    certificates: tuple[_Pin, ...] = _array()
    """SHA-256 fingerprints of the TLS certificates that they show, in hexadecimal, with or without colons."""
    operations: tuple[PermittedOperation, ...] = _array()
    """What they may ask for."""
    sop_classes: tuple[_Uid, ...] = _array()
    """UIDs of the SOP classes that they may store; instances of others are answered 0124."""
    maximum_associations: int | None = Field(default=None, ge=1)
    """How many associations its peers may have at the same time."""
    connections_per_minute: int | None = Field(default=None, ge=1)
    """How many associations its peers may begin within a minute."""
    bytes_per_second: int | None = Field(default=None, ge=1_024)
    """How fast is read from all of its peers together."""
    daily_quota_bytes: int | None = Field(default=None, ge=1)
    """How much its peers may store between two midnights of local time; then they are answered A700."""
