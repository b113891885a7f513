"""The receiver as the interface sees it: its own child or another process."""
