"""Reading: panes, keys and mouse over the pictures of a study."""
