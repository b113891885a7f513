"""Changing a person's `config.toml`: their comments and their order stay, and nothing invalid is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.errors import BadInput
from archive.storage.edited_text import alone, replace_text
from archive.storage.files import disk_errors
from archive.storage.layout import FOLDER_MODE
from archive.strict_toml import parse_toml, read_values
from noctis_tui.preferences.model import Preferences, read_preferences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tomlkit import TOMLDocument
    from tomlkit.items import AoT, Table

    from noctis_tui.preferences.preset import PresetPreference

_PRESET = "preset"


def change_setting(path: Path, setting: tuple[str, ...], value: object) -> Preferences:
    """Write one setting, or with None remove it so that the default holds; return what the file says now.

    Parameters
    ----------
    setting
        Its name behind those of the tables that it is in: ``("notifications", "toasts")``.

    Raises
    ------
    BadInput
        The file does not read as it is, or would not with this value; it stays as it was.
    OutOfResources
        It cannot be written.
    """
    *tables, name = setting

    def change(document: TOMLDocument) -> None:
        place: Any = document
        for table in tables:
            if table not in place:
                if value is None:
                    return
                place[table] = {}
            place = place[table]
        if value is not None:
            place[name] = value
        elif name in place:
            del place[name]

    return _edit(path, change)


def with_setting(preferences: Preferences, setting: tuple[str, ...], value: object) -> Preferences:
    """Return preferences with one setting changed, nothing written; raises `BadInput` as `change_setting`."""
    values = preferences.model_dump()
    place = values
    for table in setting[:-1]:
        place = place[table]
    if value is None:
        del place[setting[-1]]
    else:
        place[setting[-1]] = value
    return read_values(values, Preferences, "This preference")


def put_preset(
    path: Path, preset: PresetPreference, *, replaces: PresetPreference | None = None
) -> Preferences:
    """Write a preset behind the others, or in the place of another; raises as `change_setting`."""

    def put(document: TOMLDocument) -> None:
        tables = _presets(document)
        place = _place(tables, replaces) if replaces is not None else None
        if place is None:
            _append(document, tables, _table(preset))
        else:
            _overwrite(tables[place], preset.model_dump(exclude_defaults=True))

    return _edit(path, put)


def remove_preset(path: Path, preset: PresetPreference) -> Preferences:
    """Remove a preset; one that is not there is no error; raises as `change_setting`."""

    def remove(document: TOMLDocument) -> None:
        tables = _presets(document)
        place = _place(tables, preset)
        if place is not None:
            del tables[place]
        if not tables:
            del document[_PRESET]

    return _edit(path, remove)


def _edit(path: Path, change: Callable[[TOMLDocument], None]) -> Preferences:
    import tomlkit  # noqa: PLC0415 - only an edit needs it

    path = path.expanduser().absolute()
    with disk_errors():
        path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    with alone(path.parent):
        read_preferences(path)
        target = path.resolve()  # a link stays a link
        document = tomlkit.parse(target.read_text(encoding="utf-8") if target.exists() else "")
        change(document)
        text = tomlkit.dumps(document).lstrip("\n")
        changed = parse_toml(text, Preferences, path.name)
        replace_text(target, text)
    return changed


def _presets(document: TOMLDocument) -> AoT:
    from tomlkit.items import AoT  # noqa: PLC0415 - only an edit needs it

    if _PRESET not in document:
        document[_PRESET] = AoT([])
    tables = document[_PRESET]
    if not isinstance(tables, AoT):
        raise BadInput("Your presets stand in one array; write a [[preset]] for each to change them here.")
    return tables


def _place(tables: AoT, preset: PresetPreference) -> int | None:
    for place, table in enumerate(tables):
        identity = type(preset).model_validate(table.unwrap()).identity
        if identity == preset.identity:
            return place
    return None


def _append(document: TOMLDocument, tables: AoT, table: Table) -> None:
    """Add a table behind the others, with an empty line before it and, where something follows, behind it."""
    import tomlkit  # noqa: PLC0415 - only an edit needs it

    previous = (tables[-1] if tables else document).as_string()
    table.trivia.indent = "\n" if previous.strip() and not previous.endswith("\n\n") else ""
    if [*document][-1] != _PRESET:
        table.add(tomlkit.nl())
    tables.append(table)


def _overwrite(present: Table, wanted: Mapping[str, object]) -> None:
    """Give a table other values; what stays the same keeps its comments and its layout."""
    for key in [key for key in present if key not in wanted]:
        del present[key]
    for key, value in wanted.items():
        if key not in present or present[key] != value:
            present[key] = value


def _table(preset: PresetPreference) -> Table:
    import tomlkit  # noqa: PLC0415 - only an edit needs it

    table = tomlkit.table()
    for key, value in preset.model_dump(exclude_defaults=True).items():
        table[key] = value
    return table
