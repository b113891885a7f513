"""The standard's words: one instance's attributes, without its pixels."""
