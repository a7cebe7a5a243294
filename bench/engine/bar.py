"""A bar: one figure of a run, what it shall be, and whether it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Bar:
    """One figure; None where `note` says why there is none. `most`: it shall be at most the bar, else at least."""

    number: int
    figure: str
    value: float | None
    bar: float
    peer: str
    most: bool = True
    note: str = ""

    @property
    def passes(self) -> bool | None:
        if self.value is None:
            return None
        return self.value <= self.bar if self.most else self.value >= self.bar

    @property
    def verdict(self) -> str:
        return {True: "pass", False: "MISS", None: "not measured"}[self.passes]

    def row(self) -> str:
        """One line for a person."""
        sign = "<=" if self.most else ">="
        value = f"{'-' if self.value is None else f'{self.value:.4g}':>10}"
        end = f"{self.verdict}: {self.note}" if self.note else self.verdict
        return f"{self.number:3}  {self.figure:66} {value} {sign} {self.bar:<6.4g} {self.peer:20} {end}"

    def record(self) -> dict[str, object]:
        """For a file."""
        return {**asdict(self), "passes": self.passes}
