"""Rows of a version, read into planes: on how many cores, and which need no reading."""
