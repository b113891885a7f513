"""Geometry and, later, volumes: arrays in, arrays out."""
