"""Built-in hanging layouts, as data."""
