"""Which compute services there are, and which of them a key prefers."""
