"""Pictures as bytes: palettes, sixels, PNG."""
