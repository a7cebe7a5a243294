"""What several tests of this package share."""
