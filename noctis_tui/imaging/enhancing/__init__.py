"""What makes a picture easier to read, and what its values are spread over."""
