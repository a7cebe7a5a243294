"""Lines of JSON: records as columns of text, and what was no record."""
