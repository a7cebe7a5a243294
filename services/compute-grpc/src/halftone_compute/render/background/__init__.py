"""What is made in the background: stored tiles that the import did not make, and copies in the order of other axes."""
