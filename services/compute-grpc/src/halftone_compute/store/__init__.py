"""Published versions, read as blocks of rows."""
