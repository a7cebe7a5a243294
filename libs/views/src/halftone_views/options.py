"""Param types for the options of a view kind, each with its JSON Schema."""

from collections.abc import Mapping, Sequence
from typing import Any

import param
from halftone_servicekit.errors import ErrorCode
from typing_extensions import override


class Column(param.String[str | None]):
    """The name of a column of one of the accepted types; None lets the kind choose, or leaves it out.

    `labelled`: a number column whose values are listed as categories is accepted as well.
    """

    __slots__ = ["accepts", "labelled"]

    def __init__(
        self,
        accepts: Sequence[str],
        labelled: bool = False,
        **params: Any,  # noqa: ANN401 - Param's own keywords
    ) -> None:
        self.accepts = tuple(accepts)
        self.labelled = labelled
        super().__init__(default=None, allow_None=True, **params)

    @override
    def schema(self, safe: bool = False, subset: Any = None, mode: str = "json") -> dict[str, Any]:
        hint = self.accepts[0] if len(self.accepts) == 1 else list(self.accepts)
        schema = {"type": ["string", "null"], "x-halftone-column": hint}
        return {**schema, "x-halftone-labelled": True} if self.labelled else schema


class Choice(param.Selector[str]):
    """One of a few words; `refusal` is the error code for any other.

    `words` are given with their labels, which a person reads; the order is theirs. `scales`: it says in which units an
    axis is, so that another choice has other extents.
    """

    __slots__ = ["labels", "refusal", "scales"]

    def __init__(
        self,
        words: Mapping[str, str],
        refusal: ErrorCode = ErrorCode.PARAM_INVALID,
        scales: bool = False,
        **params: Any,  # noqa: ANN401 - Param's own keywords
    ) -> None:
        self.refusal = refusal
        self.scales = scales
        self.labels = dict(words)
        super().__init__(objects=list(words), **params)

    @override
    def schema(self, safe: bool = False, subset: Any = None, mode: str = "json") -> dict[str, Any]:
        schema = {"type": "string", "enum": list(self.objects), "x-halftone-labels": dict(self.labels)}
        return {**schema, "x-halftone-scale": True} if self.scales else schema


class Amount(param.Integer[int]):
    """A whole number from 0 to `most`. `scales`: it says how much of an axis there is: another has other extents."""

    __slots__ = ["most", "scales"]

    def __init__(
        self,
        most: int,
        scales: bool = True,
        **params: Any,  # noqa: ANN401 - Param's own keywords
    ) -> None:
        self.most = most
        self.scales = scales
        super().__init__(default=0, bounds=(0, most), **params)

    @override
    def schema(self, safe: bool = False, subset: Any = None, mode: str = "json") -> dict[str, Any]:
        schema = {"type": "integer", "minimum": 0, "maximum": self.most}
        return {**schema, "x-halftone-scale": True} if self.scales else schema


class Width(param.Number[float]):
    """The length of a unit of an axis, a number from 0 on; 0: that of its values. Another one has other extents."""

    def __init__(self, **params: Any) -> None:  # noqa: ANN401 - Param's own keywords
        super().__init__(default=0.0, bounds=(0.0, None), **params)

    @override
    def schema(self, safe: bool = False, subset: Any = None, mode: str = "json") -> dict[str, Any]:
        return {"type": "number", "minimum": 0, "x-halftone-scale": True}


def merge_patch(target: object, patch: Mapping[str, object]) -> dict[str, object]:
    """RFC 7396: a new object; null removes a member, objects merge, everything else replaces."""
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping):
            merged[name] = merge_patch(merged.get(name), value)
        else:
            merged[name] = value
    return merged
