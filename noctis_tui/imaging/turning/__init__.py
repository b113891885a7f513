"""Whole volumes seen from any side: projections and shaded surfaces."""
