"""Writes the files of a version and publishes them atomically."""
