"""Parquet files and the parts of a table in several of them."""
