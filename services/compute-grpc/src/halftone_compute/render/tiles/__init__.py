"""Stored tiles of what the import made none for: built in the background when they are first asked for."""
