"""Volumes reformatted along curves."""
