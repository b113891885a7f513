"""Pictures in character cells."""
