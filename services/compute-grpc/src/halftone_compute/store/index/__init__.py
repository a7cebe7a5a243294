"""The rows of a version in the order of an axis pair: leaves of neighbouring rows, and their zone maps."""

# Rows of a leaf, at most, unless they lie at one point.
LEAF_ROWS = 65_536
