"""Judges what cells of text are, and reads them: a number or a time while nearly all fit, and never another value."""
