"""The screens on which a person changes their preferences."""
