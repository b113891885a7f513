"""Who may speak to us, edited: the `[[facility]]` tables of `noctis.toml`, with its comments kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.audit.access import record_configuration
from archive.errors import ArchiveBusy, BadInput, NotFound
from archive.settings import SiteSettings, read_settings
from archive.storage.edited_text import alone, replace_text
from archive.storage.files import disk_errors
from archive.storage.layout import Layout
from archive.strict_toml import parse_toml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tomlkit import TOMLDocument
    from tomlkit.items import AoT, Table

    from archive.facility import Facility

_KEY = "facility"


def facilities(root: Path) -> tuple[Facility, ...]:
    """Return the facilities of the archive in that folder; raises `BadInput` as `read_settings`."""
    return read_settings(Layout(root).settings).facility


def add_facility(root: Path, facility: Facility, *, replace: bool = False) -> bool:
    """Admit a facility; return whether a running receiver has taken it up.

    Without a running receiver, or one that does not answer, the next start reads it.

    Parameters
    ----------
    replace
        Whether it takes the place of one of the same name, if there is one.

    Raises
    ------
    BadInput
        The name is taken, or `noctis.toml` does not read as it is.
    OutOfResources
        The file cannot be written.
    """

    def add(document: TOMLDocument) -> None:
        tables = _tables(document)
        place = _place(tables, facility.name)
        if place is None:
            _append(document, tables, _table(facility))
        elif replace:
            _overwrite(tables[place], _table(facility))
        else:
            raise BadInput(f"There is a facility {facility.name} already.")

    return _edit(root, add, f"The facility {facility.name} was admitted.")


def remove_facility(root: Path, name: str) -> bool:
    """Admit a facility no more; return whether a running receiver has taken that up.

    Raises
    ------
    NotFound
        No facility has that name.
    BadInput, OutOfResources
        As `add_facility`.
    """

    def remove(document: TOMLDocument) -> None:
        tables = _tables(document)
        place = _place(tables, name)
        if place is None:
            raise NotFound(f"No facility is called {name}.")
        del tables[place]
        if not tables:
            del document[_KEY]

    return _edit(root, remove, f"The facility {name} was removed.")


def facility_text(facility: Facility) -> str:
    """Return the TOML that `add_facility` writes for a facility."""
    import tomlkit  # noqa: PLC0415 - reading the list needs it not
    from tomlkit.items import AoT  # noqa: PLC0415 - the same

    document = tomlkit.document()
    document[_KEY] = AoT([_table(facility)])
    return tomlkit.dumps(document)


def reload_receiver(root: Path) -> bool:
    """Have a running receiver read `noctis.toml` again; return whether one has.

    Raises
    ------
    BadInput
        It could not: its sentence says why, and it goes on as before.
    """
    from archive.network.control import request_reload  # noqa: PLC0415 - reading the list needs no network

    try:
        request_reload(Layout(root))
    except ArchiveBusy:
        return False
    return True


def _edit(root: Path, change: Callable[[TOMLDocument], None], what: str) -> bool:
    import tomlkit  # noqa: PLC0415 - only an edit needs it

    layout = Layout(root.expanduser().absolute())
    with disk_errors():
        layout.create()
    with alone(layout.root):
        path = layout.settings.resolve()  # a link stays a link
        document = tomlkit.parse(_read(path))
        change(document)
        text = tomlkit.dumps(document).lstrip("\n")
        site = parse_toml(text, SiteSettings, str(layout.settings))
        replace_text(path, text)
    record_configuration(layout, site.audit, what)
    return reload_receiver(layout.root)


def _read(path: Path) -> str:
    """Return the file's text once it is known to be a site's settings."""
    read_settings(path)
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _tables(document: TOMLDocument) -> AoT:
    from tomlkit.items import AoT  # noqa: PLC0415 - only an edit needs it

    if _KEY not in document:
        document[_KEY] = AoT([])
    tables = document[_KEY]
    if not isinstance(tables, AoT):
        raise BadInput("noctis.toml holds its facilities in one array; write a [[facility]] for each.")
    return tables


def _place(tables: AoT, name: str) -> int | None:
    return next((place for place, table in enumerate(tables) if table.get("name") == name), None)


def _append(document: TOMLDocument, tables: AoT, table: Table) -> None:
    """Add a table behind the others, with an empty line before it and, where something follows, behind it."""
    import tomlkit  # noqa: PLC0415 - only an edit needs it

    previous = (tables[-1] if tables else document).as_string()
    table.trivia.indent = "\n" if previous.strip() and not previous.endswith("\n\n") else ""
    if [*document][-1] != _KEY:
        table.add(tomlkit.nl())
    tables.append(table)


def _overwrite(present: Table, wanted: Table) -> None:
    """Give a table other values; what stays the same keeps its comments and its layout."""
    for key in [key for key in present if key not in wanted]:
        del present[key]
    for key, value in wanted.items():
        if key not in present or present[key] != value:
            present[key] = value


def _table(facility: Facility) -> Table:
    import tomlkit  # noqa: PLC0415 - only an edit needs it

    table = tomlkit.table()
    for key, value in facility.model_dump(exclude_defaults=True).items():
        table[key] = list(value) if isinstance(value, tuple) else value
    return table
