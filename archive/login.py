"""Who is logged in: the name that audits and annotations carry."""

from __future__ import annotations

import functools
import getpass
import os


@functools.cache
def login_name() -> str:
    """Return the name of the user that this process runs as; the number of one without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # as in many containers
        return f"uid {os.getuid()}"
