"""Pictures for the README, drawn out of what the bench measured."""
