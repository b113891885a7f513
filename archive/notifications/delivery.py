"""The process that speaks to the world outside: reads messages, sends them, tells what happened.

It is a process of its own so that a target that hangs can be killed, that what the library loads never weighs
on the receiver, and that the allow-list can be held where connections are made: every name that is resolved
and every address that is connected to passes `_Gate`, whatever the library, a redirect or a URL want.

Run as ``python -m archive.notifications.delivery`` with a request on standard input; one line of JSON a
message on standard output, each as soon as it is known. The URLs are secret: nothing of them is written.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import logging
import os
import re
import signal
import smtplib
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

LIFETIME_SECONDS = 60
"""When whoever started this is gone, it ends by itself."""
_THREADS = 8
_NICENESS = 10
_CONNECTS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_STARTS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"}
_ABOUT_THE_SERVICE = {"service_url", "setup_url", "app_url", "image_url"}
"""Attributes of Apprise's services that hold addresses for people, not for messages."""


class NotAllowedError(PermissionError):
    """What is connected to is not on the site's list."""


class _Seen(threading.local):
    """What was seen of one message while it was sent: a sentence about what went wrong, if anything did."""

    reason: str = ""


_seen = _Seen()


class _Gate:
    """Lets connections through to the listed hosts only."""

    def __init__(self, hosts: Collection[str]) -> None:
        self._hosts = frozenset(hosts)
        self._addresses = {address for host in hosts if (address := _address(host))}
        self._resolve = socket.getaddrinfo

    def close(self) -> None:
        """Hold every connection of this process to the list, from now on."""
        socket.getaddrinfo = self._resolved  # the names that libraries ask for pass here
        sys.addaudithook(self._audit)

    def _resolved(self, host: Any, *arguments: Any, **options: Any) -> list[Any]:  # noqa: ANN401 - as the socket's
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
        if name.lower().rstrip(".") not in self._hosts and _address(name) not in self._addresses:
            raise _refusal(name)
        found = self._resolve(host, *arguments, **options)
        self._addresses.update(filter(None, (_address(str(each[4][0])) for each in found)))
        return list(found)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _STARTS:
            raise NotAllowedError("a notification starts no program")
        if event not in _CONNECTS:
            return
        place = arguments[-1]
        host = str(place[0]) if isinstance(place, tuple) and place else str(place)
        if not isinstance(place, tuple) or _address(host) not in self._addresses:
            raise _refusal(host)


def _refusal(host: str) -> NotAllowedError:
    shown = re.sub(r"[^A-Za-z0-9.:_-]", "?", host)[:100]
    _seen.reason = f"a connection to {shown} is not allowed by notification_targets.hosts"
    return NotAllowedError(_seen.reason)


def _address(host: str) -> str | None:
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(host.strip("[]").partition("%")[0]))
    return None


def _observe() -> None:
    """Note what servers answer: Apprise only tells whether it went well, and its log may hold secrets."""
    import requests.adapters  # noqa: PLC0415 - comes with Apprise

    requests.adapters.HTTPAdapter.send = _watched_http(requests.adapters.HTTPAdapter.send)  # type: ignore[method-assign] # our process
    smtplib.SMTP.getreply = _watched_smtp(smtplib.SMTP.getreply)  # type: ignore[method-assign] # the same


def _watched_http(send: Callable[..., Any]) -> Callable[..., Any]:
    import requests.exceptions  # noqa: PLC0415 - comes with Apprise

    @wraps(send)
    def watched(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as requests has it
        try:
            response = send(*arguments, **options)
        except requests.exceptions.SSLError:
            _seen.reason = "its certificate is not trusted, or it speaks no TLS"
            raise
        except requests.exceptions.Timeout:
            _seen.reason = "it did not answer in time"
            raise
        except requests.exceptions.RequestException:
            _seen.reason = _seen.reason or "it cannot be reached"
            raise
        if 300 <= response.status_code < 400:
            _seen.reason = f"it answered with a redirect ({response.status_code}), which is not followed"
        elif response.status_code >= 400:
            _seen.reason = f"it answered with HTTP status {response.status_code}"
        return response

    return watched


def _watched_smtp(getreply: Callable[..., tuple[int, bytes]]) -> Callable[..., tuple[int, bytes]]:
    @wraps(getreply)
    def watched(server: smtplib.SMTP) -> tuple[int, bytes]:
        _seen.reason = "the mail server did not answer in time"
        code, text = getreply(server)
        _seen.reason = f"the mail server answered with {code}" if code >= 400 or code < 0 else ""
        return code, text

    return watched


def examine(service: Any) -> tuple[str, ...]:  # noqa: ANN401 - one of Apprise's many classes
    """Return the hosts that a service may speak to, as far as they can be known before it speaks."""
    if mail_server := getattr(service, "smtp_host", None):
        return (str(mail_server).lower(),)
    hosts = []
    if any("{host}" in template for template in getattr(service, "templates", ())):
        hosts.append(str(service.host or "").lower())
    for name in dir(type(service)):
        value = getattr(type(service), name, None)
        if (
            name not in _ABOUT_THE_SERVICE
            and isinstance(value, str)
            and value.startswith(("http://", "https://"))
        ):
            with contextlib.suppress(ValueError):
                hosts.append(urlsplit(value).hostname or "")
    return tuple(dict.fromkeys(host for host in hosts if re.fullmatch(r"[a-z0-9.:_-]+", host)))


def _refused(url: str, service: Any, hosts: tuple[str, ...], request: dict[str, Any]) -> str:  # noqa: ANN401 - see examine
    """Return why nothing may be sent there, empty when it may."""
    if service is None:
        return "its URL is not one that Apprise understands"
    schema = url.partition("://")[0].lower()
    if schema not in request["schemas"]:
        return f"its schema {_plain(schema)} is not in notification_targets.schemas"
    if hosts and not set(hosts) & set(request["hosts"]):
        return f"its host {hosts[0]} is not in notification_targets.hosts"
    return ""


def _plain(schema: str) -> str:
    return re.sub(r"[^a-z0-9+.-]", "?", schema)[:30]


def deliver(message: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """Send one message, or with no `body` only look at its URL; return what happened."""
    import apprise  # noqa: PLC0415 - only this process ever loads it

    asset = apprise.AppriseAsset(
        app_id="Noctis",
        app_desc="Noctis",
        http_redirects=False,
        interpret_escapes=False,
        interpret_emojis=False,
        pem_autogen=False,
        pgp_autogen=False,
        storage_mode="memory",
        allow_templates=False,
    )
    _seen.reason = ""
    service = apprise.Apprise.instantiate(message["url"], asset=asset, suppress_exceptions=True)
    hosts = examine(service) if service is not None else ()
    refused = _refused(message["url"], service, hosts, request)
    told: dict[str, Any] = {
        "number": message["number"],
        "hosts": hosts,
        "sent": False,
        "refused": bool(refused),
    }
    if refused or "body" not in message:
        return told | {"reason": refused}
    assert service is not None
    service.redirects = False  # a URL may ask for them
    text = apprise.NotifyFormat.TEXT
    sent = bool(service.notify(body=message["body"], title=message["title"], body_format=text))
    return told | {"sent": sent, "reason": "" if sent else _seen.reason or "it did not take the message"}


def _deliver_safely(message: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    try:
        return deliver(message, request)
    except Exception as error:  # noqa: BLE001 - a service's own failure is an answer; its text may hold secrets
        reason = _seen.reason or f"it failed with {type(error).__name__}"
        return {"number": message["number"], "hosts": (), "sent": False, "refused": False, "reason": reason}


def main() -> None:
    """Carry out the request on standard input."""
    signal.alarm(LIFETIME_SECONDS)
    os.nice(_NICENESS)
    logging.disable(logging.CRITICAL)
    request = json.loads(sys.stdin.read())
    import apprise  # noqa: PLC0415 - with the locale and whatever else it looks at, before the gate is closed

    apprise.Apprise.instantiate("json://localhost")
    _observe()
    _Gate(request["hosts"]).close()
    with ThreadPoolExecutor(_THREADS) as threads:
        work = [threads.submit(_deliver_safely, message, request) for message in request["messages"]]
        for done in as_completed(work):
            print(json.dumps(done.result()), flush=True)  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
