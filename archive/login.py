"""Who is logged in: the name that audits and annotations carry."""

from __future__ import annotations

import functools
import getpass
import os

LONGEST = 64


@functools.cache
def login_name() -> str:
    """Return the name of the user that this process runs as; the number of one without a name.

    The environment may say anything: what is no text is replaced, and what is longer than a name is cut.
    """
    try:
        return getpass.getuser().encode(errors="replace").decode()[:LONGEST]
    except (KeyError, OSError):  # as in many containers
        return f"uid {os.getuid()}"
