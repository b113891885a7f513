"""How the screen of the planes is laid out."""

from __future__ import annotations

LAYOUT = """
MprScreen { layout: vertical; background: #000000; color: #c6ccd2; }
MprScreen > .viewer-line { height: 1; width: 1fr; background: $surface; }
MprScreen > #mpr-panes { height: 1fr; width: 1fr; layout: grid; grid-size: 2 2; grid-gutter: 0 1; }
MprScreen > #mpr-card { height: 1fr; padding: 1 2; display: none; background: #000000; color: #c6ccd2; }
MprScreen > #too-small { height: 1fr; display: none; padding: 1 2; }
MprScreen.-refused > #mpr-card { display: block; }
MprScreen.-refused > #mpr-panes { display: none; }
MprScreen.-too-small > #too-small { display: block; }
MprScreen.-too-small > #mpr-panes, MprScreen.-too-small > #mpr-card { display: none; }
"""
