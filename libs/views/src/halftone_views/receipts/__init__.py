"""What a frame is: one receipt of several, and the rows that have no place in it."""

from halftone_views.receipts.merged import merge
from halftone_views.receipts.unplaced import stored_missing, unplaced_of

__all__ = ["merge", "stored_missing", "unplaced_of"]
