"""What the tests of the auth service share."""
