"""Pixels on a terminal: detection, encoders and the image widget."""
