"""What the tests of the ingest worker share."""
