"""Surfaces of volumes as triangles."""
