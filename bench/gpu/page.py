"""docs/benchmarks/gpu.md from bench/out/gpu.json: `python -m bench.gpu --page`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "gpu.md"
# What is measured stands between these lines; the rest of the page is written by hand.
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
BAR_ROWS, BAR_SECONDS, BAR_SHARE = 10**9, 4e-3, 0.4


def bars(found: Mapping[str, Any]) -> list[str]:
    """Says whether the goal is met; skips an order of rows that was not measured at this size."""
    lines = []
    for each in found["passes"]:
        if each["rows"] == BAR_ROWS and each["reduction"] == "count":
            taken, share = each["kernel_seconds"], share_of_copy(each, found)
            for words, is_met in (
                (f"{taken * 1e3:.2f} ms of at most {BAR_SECONDS * 1e3:.0f}", taken <= BAR_SECONDS),
                (f"{share:.2f} of the copy's bytes a second, at least {BAR_SHARE}", share >= BAR_SHARE),
            ):
                lines.append(f"{BAR_ROWS:,} rows in {each['order']} order: {words}: {'met' if is_met else 'NOT MET'}")
    return lines or [f"{BAR_ROWS:,} rows were not measured: no bar is met"]


def share_of_copy(each: Mapping[str, Any], found: Mapping[str, Any]) -> float:
    """Bytes a second that a pass reads, as a share of what a copy on the same GPU reads and writes."""
    return float(each["bytes_read"] / each["kernel_seconds"] / found["copy_bytes_per_second"])


def measured(found: Mapping[str, Any]) -> str:
    """The generated part of the page."""
    parts = [_facts(found), *(f"- {line}" for line in bars(found)), "", *_passes(found), "", *_crowds(found)]
    if found["left_out"]:
        parts += ["", "Not measured:", "", *(f"- {line}" for line in found["left_out"])]
    parts += ["", "Equal before anything was timed:", "", *(f"- {line}" for line in found["equal"])]
    return "\n".join(parts)


def write(found: Mapping[str, Any], page: Path = PAGE) -> None:
    """Replaces the figures in the page."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{measured(found)}\n\n{END}{after}")


def _facts(found: Mapping[str, Any]) -> str:
    memory, copied = found["memory_bytes"] / 2**30, found["copy_bytes_per_second"] / 1e9
    return (
        f"{found['device']}, {memory:.0f} GiB, driver {found['driver']}, CuPy {found['cupy']}; a copy within its "
        f"memory reads and writes {copied:,.0f} GB/s. Medians of {found['rounds']}, made by `{found['command']}`.\n"
    )


def _passes(found: Mapping[str, Any]) -> Iterator[str]:
    heads = ("rows", "order", "reduction", "kernel ms", "points/s", "÷ copy", "frame ms", "launches")
    yield from _table(
        (*heads, "histogram2d ÷ kernel", "cuDF ÷ kernel"), [_pass(each, found) for each in found["passes"]]
    )


def _pass(each: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    kernel = each["kernel_seconds"]
    return [
        f"{each['rows']:,}",
        each["order"],
        each["reduction"],
        f"{kernel * 1e3:.3f}",
        f"{each['rows'] / kernel:.3g}",
        f"{share_of_copy(each, found):.2f}",
        f"{each['frame_seconds'] * 1e3:.2f}",
        str(each["launches"]),
        *(_ratio(each[peer], kernel) for peer in ("histogram", "datashader")),
    ]


def _ratio(peer: float | str, kernel: float) -> str:
    return peer if isinstance(peer, str) else f"{peer / kernel:.1f}"


def _crowds(found: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        (f"{each['rows']:,}", each["order"], each["views"], f"{each['frames_per_second']:,.0f}", each["views_a_launch"])
        for each in found["crowds"]
    ]
    yield from _table(("rows", "order", "views", "frames/s", "views a launch"), rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"
