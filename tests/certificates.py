"""Certificates for tests of TLS, made on the spot: ours, and what good and bad peers show."""

from __future__ import annotations

import hashlib
import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from pathlib import Path


class Certificates:
    """A site's certificate authority, our certificate by it, and as many peers as a test wants."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._site, self._stranger = trustme.CA(), trustme.CA()
        self.ca = folder / "ca.pem"
        self._site.cert_pem.write_to_path(self.ca)
        self.ours = self.issue("ours")

    def issue(self, name: str, *, trusted: bool = True, expired: bool = False) -> tuple[Path, Path]:
        """Make a certificate; return the paths of its key and of itself, as DCMTK's +tls wants them."""
        until = datetime.now(UTC) - timedelta(days=1) if expired else None
        issued = (self._site if trusted else self._stranger).issue_cert(
            f"{name}.test",
            "127.0.0.1",
            common_name=name,
            not_before=datetime.now(UTC) - timedelta(days=9),
            not_after=until,
        )
        key, certificate = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        issued.private_key_pem.write_to_path(key)
        certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        return key, certificate

    @property
    def settings(self) -> dict[str, str]:
        """What `[receiver.tls]` says."""
        key, certificate = self.ours
        return {"certificate": str(certificate), "key": str(key), "ca": str(self.ca)}

    def client(self, shown: tuple[Path, Path] | None = None) -> ssl.SSLContext:
        """Return a client that trusts us and shows a certificate, or none."""
        context = ssl.create_default_context(cafile=str(self.ca))
        if shown:
            context.load_cert_chain(shown[1], shown[0])
        return context


def pin(certificate: Path) -> str:
    """Return the SHA-256 fingerprint of a PEM file's first certificate."""
    first = certificate.read_text().partition("-----END CERTIFICATE-----")
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(first[0] + first[1])).hexdigest()
