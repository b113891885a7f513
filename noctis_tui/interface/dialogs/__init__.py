"""Screens that answer one question and go away."""
