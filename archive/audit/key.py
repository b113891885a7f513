"""The key of the chain: 32 random bytes in a file for this user only, made once."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING

from archive.errors import BadInput, CannotRead, NotFound
from archive.storage.files import disk_errors
from archive.storage.layout import FILE_MODE

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32


def read_key(path: Path, what: str = "audit's key") -> bytes:
    """Return the key; `what` names it in sentences.

    Raises
    ------
    NotFound
        There is none.
    CannotRead
        It may not be read.
    BadInput
        The file holds something else.
    """
    try:
        text = path.read_text(encoding="ascii").strip()
        key = bytes.fromhex(text)
    except FileNotFoundError:
        raise NotFound(f"The {what} {path} is missing: put it back, or move what it is for away.") from None
    except OSError as error:
        raise CannotRead(f"The {what} {path} cannot be read: {error.strerror}.") from error
    except ValueError:
        key = b""
    if len(key) < KEY_BYTES:
        raise BadInput(f"The {what} {path} is not {2 * KEY_BYTES} hexadecimal digits.")
    return key


def create_key(path: Path, what: str = "audit's key") -> bytes:
    """Make the key unless another process has just done so; return the one that is there, durably.

    Raises
    ------
    BadInput
        Its folder does not exist.
    OutOfResources
        It cannot be written.
    """
    if not path.parent.is_dir():
        raise BadInput(f"The {what} cannot be made: there is no folder {path.parent}.")
    new = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    with disk_errors():
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
        try:
            os.write(file, f"{secrets.token_hex(KEY_BYTES)}\n".encode("ascii"))
            os.fsync(file)
            with contextlib.suppress(FileExistsError):  # a link never overwrites
                os.link(new, path)
            sync_names(path.parent)
        finally:
            os.close(file)
            new.unlink(missing_ok=True)
    return read_key(path, what)


def sync_names(folder: Path) -> None:
    """Make the names in a folder durable."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
