"""Instances as they are, byte for byte, or rewritten: a folder, or one ZIP file."""

from __future__ import annotations

import io
import shutil
import zipfile
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from noctis_tui.reading.export.request import Watch
    from noctis_tui.reading.export.target import ExportFile

Rewrite: TypeAlias = "Callable[[Path], bytes]"
"""Reads a file and returns what goes out instead: de-identification."""
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""When something arrived is nobody's business."""


def save_files(folder: Path, files: Sequence[ExportFile], watch: Watch, rewrite: Rewrite | None) -> None:
    """Write every instance below a folder."""
    for file in files:
        watch.step(str(file.name))
        path = folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        if rewrite is None:
            shutil.copyfile(file.path, path)
        else:
            path.write_bytes(rewrite(file.path))


def save_zip(path: Path, files: Sequence[ExportFile], watch: Watch, rewrite: Rewrite | None) -> None:
    """Write every instance into one ZIP file; compressed pixels do not become smaller, others do."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in files:
            watch.step(str(file.name))
            info = zipfile.ZipInfo(file.name.as_posix(), _ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            with _opened(file.path, rewrite) as source, archive.open(info, "w", force_zip64=True) as out:
                shutil.copyfileobj(source, out, 1 << 20)


def _opened(path: Path, rewrite: Rewrite | None) -> io.BufferedIOBase:
    return path.open("rb") if rewrite is None else io.BytesIO(rewrite(path))
