"""Columns of files that name their types: flattened, made into columns of a dataset, and read as wished."""
