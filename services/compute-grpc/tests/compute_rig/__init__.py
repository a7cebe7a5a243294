"""What the tests of the compute service share."""
