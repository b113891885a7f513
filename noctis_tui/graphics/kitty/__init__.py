"""Pictures of the kitty graphics protocol on the screen."""
