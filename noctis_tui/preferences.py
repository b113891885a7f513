"""A person's own taste: theme, keys and graphics, in `config.toml`, read strictly."""

from __future__ import annotations

import difflib
import tomllib
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from archive.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path


class Preferences(BaseModel):
    """Everything that a personal `config.toml` may say."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    theme: str = "noctis"
    """Name of a theme: `noctis`, `noctis-light` or one of Textual's."""
    graphics: Literal["auto", "sixel", "kitty", "blocks"] = "auto"
    """How pictures reach the terminal; `auto` asks the terminal."""
    frame_memory_mib: int = Field(default=512, ge=16)
    """How much memory decoded images may hold while a study is read."""
    keys: dict[str, dict[str, str | list[str]]] = {}
    """Part of the keymap -> action -> its keys; the keymap checks them."""


def read_preferences(path: Path) -> Preferences:
    """Read a person's TOML; a file that does not exist means the defaults.

    Raises
    ------
    BadInput
        The TOML does not parse, a value does not fit, or a key is unknown (the nearest one is offered).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Preferences()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}.") from error
    try:
        return Preferences.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise BadInput(f"{path}: {_sentence(error)}") from error


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] != "extra_forbidden":
        return f"{where}: {first['msg']}."
    nearest = difflib.get_close_matches(
        str(first["loc"][-1]), list(Preferences.model_fields), n=1, cutoff=0.5
    )
    offer = f"; did you mean {nearest[0]}?" if nearest else "."
    return f"{where} is not a preference{offer}"
