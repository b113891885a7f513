"""The verification itself.

A receiver may be at work meanwhile. What looks wrong is judged again at the end, in the order that the line
works in: first the journal, then the index, then the folder; a file that has left the journal by the first
look is in the index by the second, or was taken back by the third.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.dicom.header import read_header
from archive.errors import ArchiveBusy, NoctisError, NotFound
from archive.index.inventory import (
    NamedFile,
    SeriesKey,
    count_files,
    every_series,
    files_of,
    find_series_key,
    keep_digests,
)
from archive.progress import CancelToken, Progress, ProgressListener, unheard
from archive.storage.files import listed
from archive.storage.layout import series_folder
from archive.storage.lease import BRIEF
from archive.verifying.comparing import compare
from archive.verifying.findings import Finding, Problem, Told, Verification, untold
from archive.verifying.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.local_archive import LocalArchive

THREADS = min(8, 2 * (os.cpu_count() or 1))
"""They wait for the disk, and hashing leaves the interpreter to the others."""
_BATCH = 32
_AHEAD = 4 * THREADS
_KINDS = ("instances", "variants")
_KEEP = 4096
"""Digests of files in place that are kept in one transaction."""


def verify_archive(
    archive: LocalArchive,
    *,
    listener: ProgressListener = unheard,
    token: CancelToken | None = None,
    tell: Told = untold,
) -> Verification:
    """Read every file of an archive and compare it with the index.

    A file in place has no digest until it is read in full for the first time: it is compared by size and by
    the time of its last change then, and its digest is kept when nobody else holds the archive.

    Parameters
    ----------
    listener
        Hears of every few files.
    tell
        Hears of every file with which something is wrong, at the end.

    Raises
    ------
    NotFound, OutOfResources
        There is no index, or it is damaged.
    Cancelled
        The token was cancelled.
    """
    return _Verification(archive, listener, token or CancelToken(), tell).run()


class _Verification:
    def __init__(
        self, archive: LocalArchive, listener: ProgressListener, token: CancelToken, tell: Told
    ) -> None:
        self._archive = archive
        self._index = archive.index
        self._listener = listener
        self._token = token
        self._tell = tell
        self._checked = 0
        self._total = 0
        self._counts: Counter[Problem] = Counter()
        self._doubts: list[Finding] = []
        self._read: list[tuple[NamedFile, bytes]] = []
        self._known_folders: set[str] = set()

    def run(self) -> Verification:
        self._total = count_files(self._index)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="verify") as threads:
            try:
                self._read_all(threads)
            except BaseException:
                self._token.cancel()  # the threads look at it after every file
                threads.shutdown(cancel_futures=True)
                raise
        self._settle()
        self._keep_digests()
        counts = {problem.value: self._counts[problem] for problem in Problem}
        return Verification(self._checked, **counts)

    # ---- reading

    def _read_all(self, threads: ThreadPoolExecutor) -> None:
        running: set[Future[_Batch]] = set()
        for batch in self._batches():
            self._token.check()
            running.add(threads.submit(self._read_batch, batch))
            if len(running) >= _AHEAD:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                self._take(done)
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            self._take(done)
        self._token.check()

    def _batches(self) -> Iterator[list[NamedFile]]:
        waiting: list[NamedFile] = []
        for series in every_series(self._index):
            waiting += self._files_of(series)
            while len(waiting) >= _BATCH:
                yield waiting[:_BATCH]
                del waiting[:_BATCH]
        yield waiting
        self._doubts.extend(map(_unindexed, self._strays()))

    def _files_of(self, series: SeriesKey) -> list[NamedFile]:
        folder = series_folder(series.study_instance_uid, series.series_instance_uid)
        self._known_folders.add(folder)
        found = {
            f"{kind}/{folder}/{name}": inode
            for kind in _KINDS
            for name, inode in listed(self._archive.root / kind / folder)
        }
        named = files_of(self._index, series)
        unnamed = found.keys() - {each.file for each in named}
        self._doubts.extend(_unindexed(self._archive.root / relative) for relative in sorted(unnamed))
        # In the order of their inodes they lie one behind the other on most disks.
        return sorted(named, key=lambda each: found.get(each.file, 0))

    def _strays(self) -> Iterator[Path]:
        """Find the files that lie in no series' folder."""
        for kind in _KINDS:
            waiting = [self._archive.root / kind / name for name, _ in listed(self._archive.root / kind)]
            while waiting:
                path = waiting.pop()
                if "/".join(path.parts[-2:]) in self._known_folders:
                    continue
                if path.is_dir() and not path.is_symlink():
                    waiting += [path / name for name, _ in listed(path)]
                else:
                    yield path

    def _read_batch(self, batch: list[NamedFile]) -> _Batch:
        result = _Batch(len(batch), batch[-1].file if batch else "", [], [])
        for named in batch:
            self._token.check()
            try:
                digest = compare(self._path_of(named), named, self._token)
            except NoctisError as error:
                problem = Problem.MISSING if isinstance(error, NotFound) else Problem.CORRUPT
                result.doubts.append(Finding(problem, self._path_of(named), str(error), named))
            else:
                if named.digest is None:
                    result.read.append((named, digest))
        return result

    def _path_of(self, named: NamedFile) -> Path:
        return self._archive.root / named.file

    def _take(self, done: set[Future[_Batch]]) -> None:
        for future in done:
            batch = future.result()
            self._checked += batch.size
            self._doubts.extend(batch.doubts)
            self._read += batch.read
            self._listener(Progress(self._checked, max(self._total, self._checked), batch.last))

    # ---- judging again

    def _settle(self) -> None:
        journal = Journal(self._archive.layout.incoming)
        for doubt in self._doubts:
            self._token.check()
            if self._stands(doubt, journal):
                self._counts[doubt.problem] += 1
                self._tell(doubt)

    def _stands(self, doubt: Finding, journal: Journal) -> bool:
        if doubt.named is None:
            return self._is_left_over(doubt.path, journal)
        if doubt.problem is Problem.MISSING and journal.restores(doubt.named.digest):
            return False  # a power failure took the place; the next writer puts it back
        return self._is_still_so(doubt.named)

    def _is_left_over(self, path: Path, journal: Journal) -> bool:
        return not journal.holds(path) and not self._is_indexed(path) and os.path.lexists(path)

    def _is_indexed(self, path: Path) -> bool:
        try:
            header = read_header(path)
        except NoctisError:
            return False
        series = find_series_key(self._index, header.study_instance_uid, header.series_instance_uid)
        named = files_of(self._index, series, header.sop_instance_uid) if series else []
        return any(self._path_of(each) == path for each in named)

    def _is_still_so(self, named: NamedFile) -> bool:
        now = files_of(self._index, named.series, named.sop_instance_uid)
        same = [each for each in now if each.is_variant == named.is_variant]
        return named in same or not all(map(self._is_sound, same))

    def _is_sound(self, named: NamedFile) -> bool:
        try:
            compare(self._path_of(named), named, self._token)
        except NoctisError:
            return False
        return True

    def _keep_digests(self) -> None:
        if not self._read:
            return
        with contextlib.suppress(ArchiveBusy), self._archive.hold(BRIEF):
            for start in range(0, len(self._read), _KEEP):
                keep_digests(self._index, self._read[start : start + _KEEP])


@dataclass(frozen=True, slots=True)
class _Batch:
    """What came of a few files."""

    size: int
    last: str
    doubts: list[Finding]
    read: list[tuple[NamedFile, bytes]]


def _unindexed(path: Path) -> Finding:
    return Finding(Problem.UNINDEXED, path, "The index does not name it.")
