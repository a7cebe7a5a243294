"""From a checked request to encoded pieces."""
