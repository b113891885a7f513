"""Planes through a volume: where they lie, how they are turned, and pictures of them; without a terminal."""
