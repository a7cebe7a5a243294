"""Streams to compute services, and the choice between them."""
