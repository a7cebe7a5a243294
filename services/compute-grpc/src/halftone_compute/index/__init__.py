"""Puts the rows of a version in the order of an axis pair, and makes tiles of them."""
