"""A table of text: its dialect and header judged from a sample, its cells read block by block."""
