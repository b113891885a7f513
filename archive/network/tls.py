"""TLS on the receiver's port: what we demand (BCP 195, RFC 9325), and why a handshake failed, in words."""

from __future__ import annotations

import hashlib
import ssl
from typing import TYPE_CHECKING

from archive.errors import BadInput
from archive.network.operation import Peer, written_address
from archive.network.refusal import Factor

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

    from archive.settings import TlsSettings

HANDSHAKE_SECONDS = 10.0
"""How long a connection may take for its handshake; it delays nobody meanwhile."""
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:!aNULL"
"""For TLS 1.2: forward secrecy and authenticated encryption only (RFC 9325 4.2); 1.3 has nothing else."""

_NOT_YET_VALID, _EXPIRED = 9, 10
_UNKNOWN_ISSUER = frozenset({2, 18, 19, 20, 21})
"""X509_V_ERR codes: no issuer certificate, self-signed, no local issuer, leaf cannot be verified."""

_REASONS = {
    "HTTP_REQUEST": "it speaks HTTP, and this port speaks TLS",
    "WRONG_VERSION_NUMBER": "it does not speak TLS, as a sender in the clear would not, and this port does",
    "UNSUPPORTED_PROTOCOL": "it speaks no TLS newer than 1.1, and 1.2 is the least",
    "VERSION_TOO_LOW": "it speaks no TLS newer than 1.1, and 1.2 is the least",
    "NO_SHARED_CIPHER": "it offers no cipher that BCP 195 allows",
    "NO_SHARED_GROUP": "it offers no key exchange that we know",
}
_ALERT = "ALERT_"


def server_context(settings: TlsSettings, folder: Path) -> ssl.SSLContext:
    """Read our certificate and those that the peers' ones must be signed by.

    Parameters
    ----------
    folder
        Where paths begin that are not absolute: the archive's.

    Raises
    ------
    BadInput
        A file cannot be used; the sentence names its setting.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    # A resumed session would be admitted by a certificate that a reload has since ceased to trust.
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    _load_our_certificate(context, settings, folder)
    _load_peers(context, settings, folder)
    return context


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 fingerprint of a DER certificate, as a facility's pin has it."""
    return hashlib.sha256(certificate).hexdigest()


def behind(transport: asyncio.BaseTransport) -> tuple[Peer, bool]:
    """Return who is behind a transport, as far as it says, and whether it is encrypted."""
    encrypted = transport.get_extra_info("ssl_object")
    certificate = encrypted.getpeercert(binary_form=True) if encrypted else None
    address = written_address(transport.get_extra_info("peername"))
    return Peer("", "", address, fingerprint(certificate) if certificate else ""), bool(encrypted)


def explain(error: BaseException) -> tuple[Factor, str]:
    """Say why a handshake failed: the factor, and plain words that begin with "it" or "its"."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Factor.CERTIFICATE, _explain_certificate(error)
    if isinstance(error, ssl.SSLError):
        return _explain_tls(error.reason or "")
    if isinstance(error, ConnectionAbortedError | TimeoutError):
        return Factor.SILENCE, f"it did not finish the TLS handshake within {HANDSHAKE_SECONDS:.0f} seconds"
    return Factor.TLS, "it hung up during the TLS handshake"


def _load_our_certificate(context: ssl.SSLContext, settings: TlsSettings, folder: Path) -> None:
    certificate, key = folder / settings.certificate, folder / settings.key
    for name, path in (("certificate", certificate), ("key", key)):
        _require_readable(f"receiver.tls.{name}", path)
    try:
        # Without an answer ready, OpenSSL would ask the terminal for a passphrase.
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or str(error)
        raise BadInput(
            f"receiver.tls: {certificate} and {key} are not a PEM certificate and its key without a "
            f"passphrase ({reason})."
        ) from error


def _load_peers(context: ssl.SSLContext, settings: TlsSettings, folder: Path) -> None:
    if not settings.ca:
        if settings.require_certificate:
            raise BadInput(
                "receiver.tls.ca must name the certificates that the peers' ones are signed by; "
                "receiver.tls.require_certificate = false takes peers without any."
            )
        return
    path = folder / settings.ca
    _require_readable("receiver.tls.ca", path)
    try:
        context.load_verify_locations(path)
    except (ssl.SSLError, OSError) as error:
        raise BadInput(f"receiver.tls.ca: {path} holds no PEM certificates.") from error
    # A peer's own certificate may be named in place of the one that has signed it.
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    context.verify_mode = ssl.CERT_REQUIRED if settings.require_certificate else ssl.CERT_OPTIONAL


def _require_readable(setting: str, path: Path) -> None:
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise BadInput(f"{setting}: {path} cannot be read: {error.strerror}.") from error


def _explain_certificate(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == _EXPIRED:
        return "its certificate has expired"
    if error.verify_code == _NOT_YET_VALID:
        return "its certificate is not valid yet"
    if error.verify_code in _UNKNOWN_ISSUER:
        return "its certificate is signed by none that receiver.tls.ca names"
    return f"its certificate was not accepted: {error.verify_message}"


def _explain_tls(reason: str) -> tuple[Factor, str]:
    if reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE":
        return Factor.CERTIFICATE, "it showed no certificate, and receiver.tls demands one"
    if _ALERT in reason:
        alert = reason.partition(_ALERT)[2].replace("_", " ").lower()
        return Factor.TLS, f"it ended the TLS handshake itself ({alert}): it may not accept our certificate"
    words = reason.replace("_", " ").lower() or "no reason given"
    return Factor.TLS, _REASONS.get(reason, f"the TLS handshake failed: {words}")
