"""The Verification Service Class: C-ECHO (PS3.4 Annex A)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.network.command_set import CommandField
from archive.network.operation import Decided

if TYPE_CHECKING:
    from archive.network.operation import Exchange, Request

VERIFICATION = "1.2.840.10008.1.1"
_SUCCESS = 0x0000


class VerificationService:
    """Answers C-ECHO."""

    command_field = CommandField.C_ECHO_RQ

    def accepts(self, abstract_syntax: str) -> bool:
        """Whether the presentation context is for verification."""
        return abstract_syntax == VERIFICATION

    def begin(self, request: Request, exchange: Exchange) -> Decided:  # noqa: ARG002 - every echo is alike
        """Answer success."""
        return Decided(exchange, _SUCCESS, "")
