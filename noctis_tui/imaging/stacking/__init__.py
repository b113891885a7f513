"""What becomes a volume: slices grouped, ordered, placed and sheared right."""
