"""What differs between two instances, series or studies, side by side."""
