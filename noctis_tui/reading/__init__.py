"""What a reader sees, without a terminal: view state, loading, rendering."""
