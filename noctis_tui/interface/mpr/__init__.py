"""Planes through a volume on the screen: three of them, linked by one crosshair, and what else it shows."""
