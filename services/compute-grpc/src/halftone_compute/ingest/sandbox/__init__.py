"""Reads an uploaded file in a confined child process."""
