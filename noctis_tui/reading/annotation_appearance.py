"""How annotations look in other programs: in the colours and words of this one."""

from __future__ import annotations

from archive.reporting.measured import Appearance
from noctis_tui.graphics.picture import OVERLAY_COLORS
from noctis_tui.reading.measurement_text import measurement_text

AS_HERE = Appearance(dict(enumerate(OVERLAY_COLORS, 1)), measurement_text)
