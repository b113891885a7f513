"""The import itself: sources are read ahead in one thread while groups go through the line in another."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

from archive.audit.access import record_import
from archive.dicom.text import visible
from archive.errors import NotFound, OutOfResources
from archive.importing.counts import Ending, ImportCounts, Told, untold
from archive.importing.dicomdir import files_referenced, is_dicomdir
from archive.importing.files import blocks_of, ending_of, understand
from archive.importing.findings import Finding, Found, Refused, skipped
from archive.importing.folders import files_below
from archive.importing.zip_members import findings_in, is_zip
from archive.index.integrity import analyze
from archive.ingest import ExistingFile, Mode, Outcome, accept
from archive.progress import CancelToken, Progress, ProgressListener, unheard
from archive.storage.quarantine import Quarantine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from archive.errors import NoctisError
    from archive.local_archive import LocalArchive
    from archive.storage.lease import Lease

GROUP = 256
_ENDINGS = {
    Outcome.RECORDED: Ending.IMPORTED,
    Outcome.DUPLICATE: Ending.DUPLICATE,
    Outcome.VARIANT: Ending.VARIANT,
}


def import_paths(
    archive: LocalArchive,
    lease: Lease,
    paths: Sequence[Path],
    *,
    mode: Mode = Mode.COPY,
    listener: ProgressListener = unheard,
    token: CancelToken | None = None,
    tell: Told = untold,
) -> ImportCounts:
    """Bring files, folders, ZIP files and what DICOMDIRs reference into the archive.

    Members of a ZIP file are always copied. What has been imported when this is cancelled or fails stays.

    Parameters
    ----------
    listener
        Hears of every file; the total is None, because folders are walked while files are read.
    tell
        Hears of every file that was not imported, and why.

    Raises
    ------
    NotFound
        One of the paths does not exist; nothing has been imported then.
    OutOfResources
        The archive's disk is full, or fails.
    Cancelled
        The token was cancelled.
    """
    for path in paths:
        if not path.exists():
            raise NotFound(f"There is no {visible(str(path), 200)}.")
    running = _Import(archive, lease, mode, listener, token or CancelToken(), tell)
    return running.run(path.absolute() for path in paths)


class _Import:
    def __init__(
        self,
        archive: LocalArchive,
        lease: Lease,
        mode: Mode,
        listener: ProgressListener,
        token: CancelToken,
        tell: Told,
    ) -> None:
        self._archive = archive
        self._lease = lease
        self._mode = mode
        self._listener = listener
        self._token = token
        self._tell = tell
        self._counts: Counter[Ending] = Counter()
        self._studies: Counter[str] = Counter()
        self._quarantine = Quarantine(archive.layout, archive.settings.storage.quarantine_bytes)

    def run(self, paths: Iterable[Path]) -> ImportCounts:
        began = time.monotonic()
        findings = self._findings(paths)
        try:
            with ThreadPoolExecutor(1, thread_name_prefix="import") as ahead:
                following = ahead.submit(self._next_group, findings)
                while group := following.result():
                    following = ahead.submit(self._next_group, findings)
                    self._take(group)
        finally:
            record_import(self._archive, self._studies)
        if self._counts[Ending.IMPORTED] >= GROUP:
            analyze(self._archive.index)
        counted = {ending.value: self._counts[ending] for ending in Ending}
        return ImportCounts(**counted, seconds=round(time.monotonic() - began, 3))

    def _next_group(self, findings: Iterator[Finding]) -> list[Finding]:
        return list(islice(findings, GROUP))

    def _findings(self, paths: Iterable[Path]) -> Iterator[Finding]:
        for path in paths:
            for each in self._files(path):
                self._token.check()
                if isinstance(each, Refused):
                    yield each
                elif is_zip(each):
                    yield from self._members(each)
                else:
                    yield understand(each, self._mode, self._archive.spool)

    def _members(self, path: Path) -> Iterator[Finding]:
        maximum = self._archive.settings.receiver.maximum_instance_bytes
        for finding in findings_in(path, self._archive.spool, maximum):
            self._token.check()
            yield finding

    def _files(self, path: Path) -> Iterator[Path | Refused]:
        if path.is_dir():
            return files_below(path, self._archive.root)
        if not path.is_file():
            return iter([skipped(path, "This is not a regular file.")])
        real = path.resolve() if path.is_symlink() else path
        return files_referenced(real) if is_dicomdir(real) else iter([real])

    def _take(self, group: list[Finding]) -> None:
        found = [finding for finding in group if isinstance(finding, Found)]
        results = accept(self._archive, self._lease, [finding.arrival for finding in found]) if found else []
        for finding in group:
            if isinstance(finding, Refused):
                self._refuse(finding)
        for finding, result in zip(found, results, strict=True):
            if isinstance(result, Outcome):
                self._studies[finding.arrival.header.study_instance_uid] += 1
                self._count(_ENDINGS[result], finding.origin)
            else:
                self._refuse(self._refusal(finding, result))

    def _refusal(self, finding: Found, error: NoctisError) -> Refused:
        if isinstance(error, OutOfResources):
            raise error
        content = finding.arrival.content
        keep = isinstance(content, ExistingFile) and content.mode is Mode.COPY
        if not keep:
            return Refused(ending_of(error), finding.origin, str(error))
        assert isinstance(content, ExistingFile)
        path = content.path
        return Refused(
            ending_of(error), finding.origin, str(error), lambda: blocks_of(path), path.stat().st_size
        )

    def _refuse(self, refused: Refused) -> None:
        if refused.ending is Ending.QUARANTINED:
            content = refused.content() if refused.content else None
            try:
                self._quarantine.keep(refused.origin, refused.reason, refused.size, content)
            except OSError:
                self._quarantine.keep(refused.origin, refused.reason, refused.size, None)
        self._count(refused.ending, refused.origin)
        self._tell(refused.ending, refused.origin, refused.reason)

    def _count(self, ending: Ending, origin: str) -> None:
        self._counts[ending] += 1
        self._listener(Progress(self._counts.total(), None, origin))
