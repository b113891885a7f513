"""The typeface of labels: DejaVu Sans Condensed, under the licence beside it."""
