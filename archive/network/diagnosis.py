"""The association doctor: why a peer was refused, in plain words, and what would admit it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.dicom.text import visible
from archive.facility import Facility, PermittedOperation, is_ae_title
from archive.network.matching import Miss, find_facility, ip_address
from archive.network.operation import Peer
from archive.network.permission import may_store, operation_of
from archive.network.refusal import Factor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archive.network.association_log import AssociationEntry
    from archive.settings import SiteSettings

_CHANGED = "Its facility has been changed meanwhile: let it try again."


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why an association was refused, and what to do.

    Attributes
    ----------
    why
        In plain words for whoever has to mend it; safe to show.
    advice
        What to do, at the peer or here; safe to show, empty when there is nothing to do.
    facility
        What would admit the peer, to be given to `add_facility`; None when no facility can.
    replaces
        Whether the facility takes the place of the present one of that name (`add_facility` with `replace`).
    """

    why: str
    advice: str
    facility: Facility | None = None
    replaces: bool = False

    @property
    def command(self) -> str:
        """The command line that adds the facility; empty without one."""
        return command_line(self.facility, replace=self.replaces) if self.facility else ""


def diagnose(entry: AssociationEntry, settings: SiteSettings) -> Diagnosis | None:
    """Say why an association, or instances of it, were refused under these settings; None when none was."""
    factor = _factor_of(entry)
    if factor is None:
        return None
    peer = Peer(entry.calling_ae_title, entry.called_ae_title, entry.peer)
    return _DOCTORS[factor](_Case(entry, peer, settings))


def command_line(facility: Facility, *, replace: bool = False) -> str:
    """Return the command that adds a facility, quoted for a shell."""
    words = ["--replace"] if replace else []
    for field, option in _OPTIONS.items():
        value = getattr(facility, field)
        for each in value if isinstance(value, tuple) else (value,):
            words += [option, str(each)] if each is not None else []
    if facility.name.startswith("-"):
        return shlex.join(["noctis", "facility", "add", *words, "--", facility.name])
    return shlex.join(["noctis", "facility", "add", facility.name, *words])


_OPTIONS = {
    "calling_ae_titles": "--calling",
    "called_ae_titles": "--called",
    "addresses": "--address",
    "certificates": "--certificate",
    "operations": "--operation",
    "sop_classes": "--sop-class",
    "maximum_associations": "--maximum-associations",
    "connections_per_minute": "--connections-per-minute",
    "bytes_per_second": "--bytes-per-second",
    "daily_quota_bytes": "--daily-quota",
}


@dataclass(frozen=True, slots=True)
class _Case:
    entry: AssociationEntry
    peer: Peer
    settings: SiteSettings

    @property
    def found(self) -> Facility | Miss | None:
        """Whose peer it is, or the nearest; certificates, which the log does not keep, count as matching."""
        unpinned = [each.model_copy(update={"certificates": ()}) for each in self.settings.facility]
        return find_facility(self.peer, unpinned)

    @property
    def own(self) -> Facility | None:
        """The facility as whose peer it is admitted, as the site has it."""
        return self._of_the_site(self.found) if isinstance(self.found, Facility) else None

    @property
    def meant(self) -> Facility | None:
        """The facility that names its calling AE title and yet does not match."""
        if not isinstance(self.found, Miss):
            return None
        nearest = self._of_the_site(self.found.facility)
        return nearest if self.peer.calling_ae_title in nearest.calling_ae_titles else None

    def _of_the_site(self, facility: Facility) -> Facility:
        return next(each for each in self.settings.facility if each.name == facility.name)

    @property
    def who(self) -> str:
        host = ip_address(self.peer.address) or self.peer.address
        return f"{visible(self.peer.calling_ae_title)} at {host}" if self.peer.calling_ae_title else str(host)

    @property
    def said(self) -> str:
        """The reason that was logged, as the middle of a sentence."""
        return visible(self.entry.reason if self.entry.factor else self.entry.instance_reason).rstrip(".")


def _factor_of(entry: AssociationEntry) -> Factor | None:
    try:
        return Factor(entry.factor or entry.instance_factor)
    except ValueError:  # nothing was refused, or by a factor of another version
        return None


# One doctor for each factor


def _unknown(case: _Case) -> Diagnosis:
    why = f"{case.who} was refused: {case.said}."
    if case.own and not case.own.certificates:
        return Diagnosis(why, f"It is admitted by now, as one of {case.own.name}: let it try again.")
    host = ip_address(case.peer.address)
    if host and case.meant and case.meant.addresses:
        return _wider(case.meant, why, lambda own: {"addresses": _joined(own.addresses, (str(host),))})
    facility = _newcomer(case)
    if facility is None:
        return Diagnosis(why, "Give the peer an AE title of 1 to 16 printable ASCII characters.")
    return Diagnosis(why, "If you know it, admit it. Only a certificate would prove who it is.", facility)


def _certificate(case: _Case) -> Diagnosis:
    why = f"{case.who} was refused: {case.said}."
    if not case.peer.calling_ae_title:  # the handshake failed: it never came to speak of AE titles
        return Diagnosis(
            why,
            "Renew the peer's certificate or have it show one; receiver.tls.ca must hold the one that has "
            "signed it, or its own.",
        )
    return Diagnosis(
        why,
        "If its certificate was renewed, add the new one's fingerprint to its facility "
        "(openssl x509 -in FILE -noout -fingerprint -sha256); certificates need [receiver.tls].",
    )


def _called(case: _Case) -> Diagnosis:
    ours, called = case.settings.receiver.ae_title, case.peer.called_ae_title
    why = f"{case.who} was refused: {case.said}."
    at_the_peer = f"Set the called AE title at the peer to {ours}"
    if case.settings.receiver.require_called_ae_title and called != ours:
        return Diagnosis(why, f"{at_the_peer}, or receiver.require_called_ae_title = false here.")
    if not is_ae_title(called):
        return Diagnosis(why, f"{at_the_peer}.")
    if case.meant and case.meant.called_ae_titles:
        return _wider(
            case.meant, why, lambda own: {"called_ae_titles": _joined(own.called_ae_titles, (called,))}
        )
    return Diagnosis(why, f"{at_the_peer}, or admit it as it is.", _newcomer(case))


def _operation(case: _Case) -> Diagnosis:
    wanted = _operations(case.entry.contexts)
    return _wider(
        case.own,
        f"{case.who} was refused: {case.said}.",
        lambda own: {"operations": _joined(own.operations, wanted)},
    )


def _sop_class(case: _Case) -> Diagnosis:
    barred = [uid for uid in case.entry.refused_sop_classes if not may_store(case.own, uid)]
    return _wider(
        case.own,
        f"Instances of {case.who} were answered 0124: {case.said}.",
        lambda own: {"sop_classes": _joined(own.sop_classes, barred)},
    )


def _limit(case: _Case) -> Diagnosis:
    present = case.settings.receiver.maximum_associations
    return _crowded(case, "maximum_associations", f"(now {present})")


def _rate(case: _Case) -> Diagnosis:
    present = case.settings.receiver.connections_per_minute
    return _crowded(case, "connections_per_minute", f"(now {present}; 0 is no limit)")


def _crowded(case: _Case, limit: str, present: str) -> Diagnosis:
    """Double a facility's limit where it was that one, which the reason begins with; else name the site's."""
    why = f"{case.who} was refused for now (it may try again): {case.said}."
    own = case.own
    if own and getattr(own, limit) and case.entry.reason.startswith(f"{own.name} may "):
        return _wider(own, why, lambda own: {limit: getattr(own, limit) * 2})
    return Diagnosis(why, f"Allow more by receiver.{limit} {present}.")


def _quota(case: _Case) -> Diagnosis:
    why = f"Instances of {case.who} were answered A700: {case.said}."
    return _wider(case.own, why, lambda own: {"daily_quota_bytes": (own.daily_quota_bytes or 0) * 2})


def _protocol(case: _Case) -> Diagnosis:
    return Diagnosis(
        f"{case.who} was refused: {case.said}.",
        "Nothing admits what does not speak DICOM: look for a port scan, a health check or a wrong port.",
    )


def _tls(case: _Case) -> Diagnosis:
    if case.settings.receiver.tls is None:
        advice = "Turn TLS off at the peer, or set up [receiver.tls] here."
    else:
        advice = "Let the peer speak TLS 1.2 or newer, with a certificate that receiver.tls.ca has signed."
    return Diagnosis(f"{case.who} was refused: {case.said}.", advice)


def _silence(case: _Case) -> Diagnosis:
    return Diagnosis(
        f"{case.who} was given up: it connected, and {case.said}.",
        "Look for a health check, a firewall that holds data back, or a peer that waits for something else.",
    )


def _stopping(case: _Case) -> Diagnosis:
    return Diagnosis(f"{case.who} was refused: {case.said}.", "Nothing is wrong with it: it may try again.")


_DOCTORS: dict[Factor, Callable[[_Case], Diagnosis]] = {
    Factor.ADDRESS: _unknown,
    Factor.CALLING_AE_TITLE: _unknown,
    Factor.CALLED_AE_TITLE: _called,
    Factor.CERTIFICATE: _certificate,
    Factor.OPERATION: _operation,
    Factor.SOP_CLASS: _sop_class,
    Factor.LIMIT: _limit,
    Factor.RATE: _rate,
    Factor.QUOTA: _quota,
    Factor.PROTOCOL: _protocol,
    Factor.TLS: _tls,
    Factor.SILENCE: _silence,
    Factor.STOPPING: _stopping,
}


# What would admit it


def _newcomer(case: _Case) -> Facility | None:
    """Propose a facility for one peer: its AE titles, its address, and what it asks for.

    Who only tried an echo means to send: that is how people begin.
    """
    peer, host = case.peer, ip_address(case.peer.address)
    if host is None or not (is_ae_title(peer.calling_ae_title) and is_ae_title(peer.called_ae_title)):
        return None
    wanted = [operation for operation in _operations(case.entry.contexts) if operation != "echo"]
    return Facility(
        name=_free_name(peer.calling_ae_title, case.settings.facility),
        calling_ae_titles=(peer.calling_ae_title,),
        addresses=(str(host),),
        operations=("echo", *(wanted or ("store",))),
    )


def _wider(own: Facility | None, why: str, change: Callable[[Facility], dict[str, object]]) -> Diagnosis:
    changed = change(own) if own else {}
    if own is None or not all(getattr(own, field) for field in changed):  # what is not set bars nobody
        return Diagnosis(why, _CHANGED)
    wider = Facility.model_validate(own.model_dump() | changed)
    if wider == own:
        return Diagnosis(why, _CHANGED)
    return Diagnosis(why, f"Widen {own.name}, if it may.", wider, replaces=True)


def _operations(abstract_syntaxes: Sequence[str]) -> tuple[PermittedOperation, ...]:
    return tuple(dict.fromkeys(map(operation_of, abstract_syntaxes)))


def _joined(present: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*present, *wanted)))


def _free_name(wish: str, taken: Sequence[Facility]) -> str:
    names = {each.name for each in taken}
    tries = (wish if number == 1 else f"{wish}-{number}" for number in range(1, len(names) + 2))
    return next(name for name in tries if name not in names)
