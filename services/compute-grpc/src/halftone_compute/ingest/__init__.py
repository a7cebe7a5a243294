"""Turns uploaded files into published versions."""
