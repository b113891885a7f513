"""What a terminal is, and what it can show."""
