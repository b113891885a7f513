"""Importing: files, folders, ZIP files and DICOMDIRs are brought to the line; nothing is lost on the way."""

from archive.importing.counts import ImportCounts, Told
from archive.importing.run import import_paths
from archive.ingest.arrival import Mode

__all__ = ("ImportCounts", "Mode", "Told", "import_paths")
