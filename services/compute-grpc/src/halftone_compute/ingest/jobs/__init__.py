"""Claims jobs from the auth service and carries each to its outcome."""
