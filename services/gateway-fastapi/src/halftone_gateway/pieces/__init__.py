"""From a view's options to the pieces it needs, and where they come from."""
