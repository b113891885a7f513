"""`noctis audit`: who did what with which study, and whether the record of it is intact."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import click

from archive.commands.printing import Column, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.audit.trail import Trail
    from archive.commands.site import Site

_MAC_DIGITS = 64
_Record = dict[str, Any]


@click.group("audit", invoke_without_command=True)
@click.option("--event", "events", multiple=True, metavar="EVENT", help="Only such events; may be repeated.")
@click.option("--study", metavar="UID", help="Only what concerns this study.")
@click.option("--who", metavar="TEXT", help="Only where this AE title, user or address took part.")
@click.option(
    "--since", metavar="TIME", help="Only from this day or moment on: 2026-01-31 or 2026-01-31T08:00."
)
@click.option("--until", metavar="TIME", help="Only before this day or moment.")
@click.option("--failures", is_flag=True, help="Only what failed or was refused.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_context
def audit_command(ctx: click.Context, /, **wanted: Any) -> None:  # noqa: ANN401 - click's options, by name
    """List who did what with which study, the newest first (DICOM PS3.15 A.5).

    Example: noctis audit --event instances_transferred --since 2026-01-01 --limit 20
    """
    if ctx.invoked_subcommand is not None:
        return
    from archive.audit.reading import read_records

    limit, as_json = wanted.pop("limit"), wanted.pop("as_json")
    found = islice(filter(_matching(**wanted), read_records(_trail(ctx.obj).folder)), limit)
    if as_json:
        print_json(found)
    else:
        print_table(found, _COLUMNS)


@audit_command.command("verify")
@click.option(
    "--head", metavar="NUMBER:MAC", help="A head that was noted before: the records must lead to it."
)
@click.option("--json", "as_json", is_flag=True, help="The verdict as JSON.")
@click.pass_obj
def verify_command(site: Site, head: str | None, *, as_json: bool) -> None:
    """Tell whether a record was changed, deleted, moved or cut off; exit 1 when one was.

    Prints the head: noted elsewhere, it proves later that nothing before it was taken back.

    Example: noctis audit verify
    """
    from archive.audit.verification import verify

    verdict = verify(_trail(site), _known(head))
    if as_json:
        click.echo(json.dumps({"intact": not verdict.finding} | asdict(verdict)))
    elif verdict.finding:
        where = f" ({verdict.bad_file} line {verdict.bad_line})" if verdict.bad_file else ""
        click.echo(f"noctis: {verdict.finding}{where}", err=True)
    else:
        click.echo(f"{verdict.records} records are intact; head {verdict.records}:{verdict.last}")
    sys.exit(1 if verdict.finding else 0)


def _trail(site: Site) -> Trail:
    from archive.audit.trail import Trail
    from archive.settings import read_settings
    from archive.storage.layout import Layout

    layout = Layout(site.archive.expanduser().absolute())
    return Trail.of(layout, read_settings(layout.settings).audit)


def _known(head: str | None) -> tuple[int, str] | None:
    if head is None:
        return None
    from archive.errors import BadInput

    number, _, mac = head.strip().lower().partition(":")
    if not number.isdecimal() or len(mac) != _MAC_DIGITS:
        raise BadInput("A head is written as `noctis audit verify` prints it, such as 12:5f0c...")
    return int(number), mac


def _matching(
    *,
    events: tuple[str, ...],
    study: str | None,
    who: str | None,
    since: str | None,
    until: str | None,
    failures: bool,
) -> Callable[[_Record], bool]:
    """Return what tells whether a record is asked for."""
    names = frozenset(_event_names(events))
    begin, end = _moment(since), _moment(until)

    def matches(record: _Record) -> bool:
        at = _moment(str(record.get("at") or "0001-01-01"))
        return (
            (not names or record.get("event") in names)
            and (study is None or record.get("study_instance_uid") == study)
            and (who is None or _took_part(record, who))
            and (begin is None or at is None or at >= begin)
            and (end is None or at is None or at < end)
            and not (failures and not record.get("outcome"))
        )

    return matches


def _event_names(events: tuple[str, ...]) -> Iterator[str]:
    import difflib

    from archive.audit.messages import AuditEvent
    from archive.dicom.text import visible
    from archive.errors import BadInput

    known = [each.value for each in AuditEvent]
    for name in events:
        if name not in known:
            nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.3)
            offer = f"did you mean {nearest[0]}?" if nearest else f"there are {', '.join(known)}."
            raise BadInput(f"{visible(name, 40)} is no event of the audit; {offer}")
        yield name


def _moment(text: str | None) -> datetime | None:
    """Return a day or moment in this machine's time zone unless it names one."""
    if text is None:
        return None
    from archive.dicom.text import visible
    from archive.errors import BadInput

    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"{visible(text, 40)} is no time; write 2026-01-31 or 2026-01-31T08:00.") from None


def _took_part(record: _Record, who: str) -> bool:
    return any(
        who.casefold() in str(each.get(name, "")).casefold()
        for each in record.get("participants", ())
        for name in ("user_id", "network_access_point")
    )


def _participants(record: _Record) -> str:
    return " > ".join(
        " ".join(filter(None, (each["user_id"], each.get("network_access_point"))))
        for each in record.get("participants", ())
    )


def _what(record: _Record) -> str:
    """Return what belongs to the event, in a few words."""
    said = [str(record["reason"])] if record.get("reason") else []
    said += [f"{record[name]} {name}" for name in ("instances", "refused", "times") if record.get(name)]
    return ", ".join(said)


_COLUMNS = (
    Column("No", itemgetter("sequence"), number=True),
    Column("At", lambda record: record.get("at", "")),
    Column("Event", lambda record: record.get("event", "")),
    Column("Outcome", lambda record: "failure" if record.get("outcome") else ""),
    Column("Who", _participants),
    Column("What", _what),
    Column("Study Instance UID", lambda record: record.get("study_instance_uid", "")),
)
