"""`noctis notify`: who is told by mail, webhook or chat, and whether that works."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from archive.commands.site import Site

_TEST = "This is a test. Nothing has happened."


@click.group("notify")
def notify_command() -> None:
    """Try the notifications that the archive's noctis.toml configures.

    Example: noctis notify test
    """


@notify_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@click.pass_obj
def list_command(site: Site, *, as_json: bool) -> None:
    """List the notifications, without their URLs.

    Example: noctis notify list --json
    """
    from archive.commands.printing import Column, print_json, print_table
    from archive.settings import read_settings
    from archive.storage.layout import Layout

    rows: list[dict[str, Any]] = [
        {"name": each.name, "events": list(each.events), "patient_data": each.patient_data}
        for each in read_settings(Layout(site.archive.expanduser()).settings).notification
    ]
    if as_json:
        print_json(rows)
        return
    columns = [
        Column("name", lambda row: row["name"]),
        Column("events", lambda row: ", ".join(row["events"])),
        Column("patient data", lambda row: "yes" if row["patient_data"] else "no"),
    ]
    print_table(rows, columns)


@notify_command.command("test")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@click.pass_obj
def test_command(site: Site, name: str | None, *, as_json: bool) -> None:
    """Send one test message to each notification, or to the one of that NAME, and say what happened.

    Exit code 1: a message was not taken.

    Example: noctis notify test ward-mail
    """
    from archive.commands.printing import print_json
    from archive.notifications.courier import Parcel, deliver, require_library, url_of
    from archive.notifications.plan import named
    from archive.settings import read_settings
    from archive.storage.layout import Layout

    layout = Layout(site.archive.expanduser().absolute())
    settings = read_settings(layout.settings)
    notifications = named(settings.notification, name)
    require_library()
    title = f"{settings.receiver.ae_title}: a test"
    parcels = [Parcel(url_of(each, layout.root), title, _TEST) for each in notifications]
    receipts = deliver(parcels, settings.notification_targets)
    rows = [
        {"name": each.name} | asdict(receipt) for each, receipt in zip(notifications, receipts, strict=True)
    ]
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            click.echo(f"{row['name']}: {_sentence(row)}")
    sys.exit(0 if all(receipt.sent for receipt in receipts) else 1)


def _sentence(row: dict[str, Any]) -> str:
    where = ", ".join(row["hosts"])
    if row["sent"]:
        return f"sent by {where}" if where else "sent"
    return f"not sent: {row['reason']}"
