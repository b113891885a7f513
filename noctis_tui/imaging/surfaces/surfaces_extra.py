"""The extra `surfaces`: the libraries that make and write triangles."""

from __future__ import annotations

from importlib.util import find_spec

from archive.errors import BadInput

_LIBRARIES = {
    "skimage": "scikit-image",
    "trimesh": "trimesh",
    "fast_simplification": "fast-simplification",
}


def require_surfaces() -> None:
    """Look for the libraries without importing them.

    Raises
    ------
    BadInput
        Says which are missing, and how to install them.
    """
    missing = [name for module, name in _LIBRARIES.items() if find_spec(module) is None]
    if missing:
        names = " and ".join([", ".join(missing[:-1]), missing[-1]] if len(missing) > 1 else missing)
        verb = "are" if len(missing) > 1 else "is"
        raise BadInput(f'Surfaces need {names}, which {verb} missing: pip install "noctis-tui[surfaces]".')
