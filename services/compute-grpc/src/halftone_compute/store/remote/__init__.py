"""Versions in object storage, with copies on the local disk."""
