"""The bytes of text files: unpacked, decoded and checked."""
