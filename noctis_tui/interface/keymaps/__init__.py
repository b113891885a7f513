"""Built-in keymaps, as data."""
