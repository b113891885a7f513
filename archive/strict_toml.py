"""TOML read strictly: what a file says is used or refused in one sentence, never passed over."""

from __future__ import annotations

import difflib
import tomllib
from typing import TYPE_CHECKING, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from archive.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


LONGEST_TEXT, LONGEST_LINE = 1 << 20, 8_192
"""A key of many parts costs the square of their number."""


class Table(BaseModel):
    """A table of a TOML file: no unknown keys, no conversions, no changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


T = TypeVar("T", bound=Table)


def read_toml(path: Path, table: type[T]) -> T:
    """Read a file as a table; a file that does not exist means the defaults.

    Raises
    ------
    BadInput
        The TOML does not parse, a value does not fit, or a key is unknown (the nearest one is offered).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return table()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}.") from error
    return parse_toml(text, table, str(path))


def parse_toml(text: str, table: type[T], source: str) -> T:
    """Read a text as a table; `source` is what the sentence of an error calls it; raises as `read_toml`."""
    if len(text) > LONGEST_TEXT or max(map(len, text.split("\n"))) > LONGEST_LINE:
        raise BadInput(f"{source} is longer than settings can be.")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{source} is not valid TOML: {error}.") from error
    except RecursionError as error:
        raise BadInput(f"{source} is nested deeper than settings can be.") from error
    return read_values(values, table, source)


def read_values(values: Mapping[str, object], table: type[T], source: str) -> T:
    """Take what was read, or filled in, as a table; raises as `read_toml`."""
    try:
        return table.model_validate(values)
    except ValidationError as error:
        raise BadInput(f"{source}: {_sentence(error, table)}") from error


def _sentence(error: ValidationError, table: type[Table]) -> str:
    found = error.errors(include_url=False)
    # A key that is misspelt explains the one that is missing.
    first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
    where = ".".join(_place(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        said = first["msg"].removeprefix("Value error, ").replace("a valid tuple", "an array")
        return f"{where}: {said}."
    known = _known_keys(table, first["loc"][:-1])
    nearest = difflib.get_close_matches(str(first["loc"][-1]), known, n=1, cutoff=0.5)
    offer = f"; did you mean {nearest[0]}?" if nearest else "."
    return f"{where} is not a setting{offer}"


def _place(part: int | str) -> str:
    """Count the tables of an array as people do: `facility.1` is the first."""
    return str(part + 1) if isinstance(part, int) else part


def _known_keys(table: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    for name in path:
        # A name that is no field is a person's own, in a table of tables.
        if isinstance(name, str) and name in table.model_fields:
            table = _table_of(table.model_fields[name].annotation)
    return list(table.model_fields)


def _table_of(annotation: object) -> type[BaseModel]:
    """Find the table in the type of a field: `T`, `T | None` or `tuple[T, ...]`."""
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    raise TypeError(f"{annotation} holds no table")
