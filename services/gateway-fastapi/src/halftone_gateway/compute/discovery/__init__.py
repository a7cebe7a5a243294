"""Which compute services there are, and which of them makes what."""
