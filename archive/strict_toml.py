"""TOML read strictly: what a file says is used or refused in one sentence, never passed over."""

from __future__ import annotations

import difflib
import tomllib
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from archive.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path


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
    try:
        return table.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise BadInput(f"{path}: {_sentence(error, table)}") from error


def _sentence(error: ValidationError, table: type[Table]) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        return f"{where}: {first['msg']}."
    known = _known_keys(table, first["loc"][:-1])
    nearest = difflib.get_close_matches(str(first["loc"][-1]), known, n=1, cutoff=0.5)
    offer = f"; did you mean {nearest[0]}?" if nearest else "."
    return f"{where} is not a setting{offer}"


def _known_keys(table: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    for name in path:
        annotation = table.model_fields[str(name)].annotation
        assert isinstance(annotation, type)
        table = annotation
    return list(table.model_fields)
