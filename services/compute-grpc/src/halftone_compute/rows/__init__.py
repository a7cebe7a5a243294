"""Rows behind a picture: which, in which order, and one page of them."""
