"""Every element of one instance, to be searched."""
