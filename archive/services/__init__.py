"""What an association may ask for."""
