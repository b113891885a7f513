"""Proof: every file that the index names is read and compared, and no other file lies in the archive."""

from archive.verifying.findings import Finding, Problem, Verification
from archive.verifying.run import verify_archive

__all__ = ("Finding", "Problem", "Verification", "verify_archive")
