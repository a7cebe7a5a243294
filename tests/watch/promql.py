"""Which of our metrics an expression reads, and by which labels."""

import re
from dataclasses import dataclass

# What a scrape in a cluster, or a histogram, adds by itself.
GIVEN = frozenset({"namespace", "pod", "container", "job", "instance", "le"})
SELECTOR = re.compile(r"\b(halftone_[a-z_]+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
GROUPING = re.compile(r"\bby\s*\(([^)]*)\)")
LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Read:
    """A metric under the name it has in a scrape, and the labels of ours that it must have."""

    metric: str
    labels: frozenset[str]


def reads(expression: str, legend: str = "") -> list[Read]:
    """Every metric of ours in an expression; labels that it is grouped by, or shown with, count for each."""
    shared = {name.strip() for group in GROUPING.findall(expression) for name in group.split(",") if name.strip()}
    shared |= set(LEGEND.findall(legend))
    return [
        Read(metric, frozenset({*MATCHER.findall(matchers), *shared}) - GIVEN)
        for metric, matchers in SELECTOR.findall(expression)
    ]
