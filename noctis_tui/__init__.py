"""Reading in the terminal: volumes, terminal graphics and the interface."""
