"""Stored values to modality values to display values."""
