"""Serialised protobuf messages put together from serialised parts, which are not looked into."""

# Wire type of a value behind its length: bytes, text and messages.
_DELIMITED = 2


def prefix(number: int, size: int) -> bytes:
    """What stands in front of `size` bytes that are the value of a field of this number."""
    return varint(number << 3 | _DELIMITED) + varint(size)


def varint(number: int) -> bytes:
    """A whole number from 0 as protobuf writes it: seven bits a byte, lowest first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
