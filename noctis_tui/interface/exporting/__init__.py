"""Taking studies, series and images out of the archive from the screen."""
