"""THE LINE: bytes that have arrived are placed, recorded and only then acknowledged, a group at a time."""

from archive.index.records import Source
from archive.ingest.arrival import Arrival, ExistingFile, Mode, Outcome
from archive.ingest.group import accept
from archive.ingest.line import Line
from archive.ingest.recovery import recover

__all__ = ("Arrival", "ExistingFile", "Line", "Mode", "Outcome", "Source", "accept", "recover")
