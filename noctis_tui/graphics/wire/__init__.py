"""The way of pictures to the terminal."""
