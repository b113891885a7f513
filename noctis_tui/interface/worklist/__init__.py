"""The worklist: what is in the archive, live."""
