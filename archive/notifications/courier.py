"""Hands messages to the delivering process and waits for what it tells, for so long and no longer."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archive.notification import Notification, NotificationTargets

DELIVERY_SECONDS = 20.0
"""A target that has not taken its message by then is given up for now."""
_LOOK_SECONDS = 0.2
_PACKAGES = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message for one target; without a body only the URL is looked at."""

    url: str
    title: str = ""
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a parcel.

    Attributes
    ----------
    refused
        Nothing may be sent there: the site must change its settings first.
    reason
        What went wrong, in words without anything of the URL; empty when nothing did.
    hosts
        Whom it speaks to, as far as that is known beforehand.
    """

    sent: bool
    refused: bool
    reason: str
    hosts: tuple[str, ...]


_LATE = Receipt(sent=False, refused=False, reason="it did not answer in time", hosts=())


def url_of(notification: Notification, root: Path) -> str:
    """Return the URL of a notification, wherever it is kept.

    Raises
    ------
    BadInput
        The environment or the file does not have it; the sentence names no secret.
    """
    if notification.url_env:
        url = os.environ.get(notification.url_env, "")
    elif notification.url_file:
        try:
            url = (root / notification.url_file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"Notification {notification.name}: its url_file cannot be read.") from error
    else:
        url = notification.url.get_secret_value()
    if not url.strip():
        where = "the variable of url_env is not set" if notification.url_env else "its url_file is empty"
        raise BadInput(f"Notification {notification.name}: {where}.")
    return url.strip()


def require_library() -> None:
    """Raise `BadInput` when the library that sends is not installed."""
    if find_spec("apprise") is None:
        raise BadInput('Notifications need Apprise: pip install "noctis-tui[notifications]".')


def deliver(
    parcels: Sequence[Parcel],
    targets: NotificationTargets,
    seconds: float = DELIVERY_SECONDS,
    given_up: Callable[[], bool] = lambda: False,
) -> list[Receipt]:
    """Send parcels, all at once; return what became of each within so many seconds, or until given up."""
    messages = [
        {"number": number, "url": parcel.url, "title": parcel.title}
        | ({} if parcel.body is None else {"body": parcel.body})
        for number, parcel in enumerate(parcels)
    ]
    request = {"schemas": targets.schemas, "hosts": targets.hosts, "messages": messages}
    receipts = [_LATE] * len(parcels)
    for line in _run(json.dumps(request).encode("ascii"), seconds, given_up).splitlines():
        with contextlib.suppress(ValueError, KeyError, IndexError, TypeError):
            told = json.loads(line)
            receipts[told["number"]] = Receipt(
                told["sent"], told["refused"], told["reason"], tuple(told["hosts"])
            )
    return receipts


def _run(request: bytes, seconds: float, given_up: Callable[[], bool]) -> bytes:
    path = os.pathsep.join(filter(None, [str(_PACKAGES), os.environ.get("PYTHONPATH", "")]))
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "archive.notifications.delivery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": path},
        start_new_session=True,
    )
    deadline = time.monotonic() + seconds
    unsent: bytes | None = request
    while time.monotonic() < deadline and not given_up():
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.communicate(unsent, _LOOK_SECONDS)[0]
        unsent = None
    os.killpg(child.pid, signal.SIGKILL)
    return child.communicate()[0]
