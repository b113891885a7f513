"""Planes and slabs sampled out of a volume."""
