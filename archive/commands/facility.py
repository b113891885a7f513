"""`noctis facility`: who may speak to the receiver."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import click

from archive.commands.printing import Column, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.commands.site import Site
    from archive.facility import Facility

_OPERATIONS = ("echo", "store", "find", "get", "move")
_UNITS = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


class _Size(click.ParamType[int]):
    """A number of bytes, with k, M, G or T behind it for powers of a thousand."""

    name = "bytes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 - click's signature
        text = str(value)
        unit = _UNITS.get(text[-1:], 1)
        try:
            return int(float(text[:-1]) * unit) if unit > 1 else int(text)
        except (ValueError, OverflowError):
            self.fail(f"{text} is not a number of bytes, such as 500M or 20G.", param, ctx)


_SIZE = _Size()


@click.group("facility")
def facility_command() -> None:
    """Say who may speak to the receiver: by AE title, address, certificate, operation and SOP class.

    Where there is a facility, only peers that match one are admitted. A running receiver takes a change up
    at once, for the associations that come next.

    Example: noctis facility add CT-1 --calling CT1 --address 10.1.2.0/24 --operation echo --operation store
    """


def _many(name: str, field: str, help_text: str, metavar: str = "TEXT") -> Callable[..., Any]:
    return click.option(name, field, multiple=True, metavar=metavar, help=f"{help_text} May be given again.")


@facility_command.command("add")
@click.argument("name")
@_many("--calling", "calling_ae_titles", "AE title by which its peers call.", "AE")
@_many("--called", "called_ae_titles", "AE title by which they may call us.", "AE")
@_many("--address", "addresses", "Address or network they call from, such as 10.1.2.0/24.", "CIDR")
@_many("--certificate", "certificates", "SHA-256 fingerprint of a certificate that they show.", "HEX")
@click.option(
    "--operation",
    "operations",
    type=click.Choice(_OPERATIONS),
    multiple=True,
    help="What they may ask for. May be given again.",
)
@_many("--sop-class", "sop_classes", "SOP class that they may store, by UID or keyword.", "UID")
@click.option("--maximum-associations", type=click.IntRange(1), help="Associations at the same time.")
@click.option("--connections-per-minute", type=click.IntRange(1), help="Associations begun in a minute.")
@click.option("--bytes-per-second", type=_SIZE, help="How fast is read from them, such as 20M.")
@click.option("--daily-quota", "daily_quota_bytes", type=_SIZE, help="What they may store in a day.")
@click.option("--replace", is_flag=True, help="Take the place of a facility of that name.")
@click.pass_obj
def add_command(site: Site, /, name: str, *, replace: bool, **factors: object) -> None:
    """Admit a facility; what is not said does not matter for it.

    Example: noctis facility add CT-1 --calling CT1 --address 10.1.2.17
    """
    from archive.dicom.text import visible
    from archive.facilities import add_facility

    taken_up = add_facility(site.archive, _facility(name, factors), replace=replace)
    click.echo(f"{visible(name)} is admitted{_since(taken_up=taken_up)}.")


@facility_command.command("remove")
@click.argument("name")
@click.pass_obj
def remove_command(site: Site, name: str) -> None:
    """Admit a facility no more; associations that it has go on to their end.

    Example: noctis facility remove CT-1
    """
    from archive.dicom.text import visible
    from archive.facilities import remove_facility

    taken_up = remove_facility(site.archive, name)
    click.echo(f"{visible(name)} is not admitted any more{_since(taken_up=taken_up)}.")


@facility_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_obj
def list_command(site: Site, *, as_json: bool) -> None:
    """List the facilities in the order in which a peer is looked for among them.

    Example: noctis facility list --json
    """
    from archive.facilities import facilities

    rows = [facility.model_dump(mode="json") for facility in facilities(site.archive)]
    if as_json:
        print_json(rows)
    else:
        print_table(rows, _COLUMNS)


def _facility(name: str, factors: dict[str, Any]) -> Facility:
    from pydantic import ValidationError

    from archive.errors import BadInput
    from archive.facility import Facility

    said = {key: value for key, value in factors.items() if value not in {None, ()}}
    said["sop_classes"] = tuple(map(_sop_class_uid, said.get("sop_classes", ())))
    try:
        return Facility(name=name, **said)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = str(first["loc"][0]).replace("_", " ")
        raise BadInput(f"{where}: {first['msg'].removeprefix('Value error, ')}.") from error


def _sop_class_uid(said: str) -> str:
    """Return the UID of a SOP class given by its keyword, such as CTImageStorage, or what was said."""
    if not said[:1].isalpha():
        return said
    from archive.dicom.sop_classes import storage_sop_classes, uid_name
    from archive.errors import BadInput

    wanted = said.replace(" ", "").casefold()
    for uid in storage_sop_classes():
        if uid_name(uid).replace(" ", "").casefold() == wanted:
            return uid
    raise BadInput(f"{said} is not the name of a storage SOP class, such as CTImageStorage.")


def _since(*, taken_up: bool) -> str:
    return " from the next association on" if taken_up else " from the receiver's next start on"


def _some(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda row: ", ".join(row[name]) or "any"


def _limits(row: dict[str, Any]) -> str:
    words = {
        "maximum_associations": "{} at once",
        "connections_per_minute": "{} a minute",
        "bytes_per_second": "{} B/s",
        "daily_quota_bytes": "{} B a day",
    }
    return ", ".join(text.format(row[name]) for name, text in words.items() if row[name] is not None)


_COLUMNS = (
    Column("Name", itemgetter("name")),
    Column("Calling", _some("calling_ae_titles")),
    Column("Called", _some("called_ae_titles")),
    Column("Addresses", _some("addresses")),
    Column("Certificates", lambda row: ", ".join(pin[:16] for pin in row["certificates"]) or "any"),
    Column("May", _some("operations")),
    Column("SOP classes", _some("sop_classes")),
    Column("Limits", _limits),
)
