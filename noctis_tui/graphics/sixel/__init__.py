"""Sixel pictures on the screen."""
