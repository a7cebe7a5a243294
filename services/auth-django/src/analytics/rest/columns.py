"""A column of a version as the REST schema describes it; the documents themselves are stored as ingest wrote them."""

from typing import Any

from rest_framework import serializers

DISTINCT = (
    "Number of different values. Of numbers and times exact below 4,096, then an estimate with a standard error of "
    "1.6 %; of categories exact; 0 for text, which is not counted."
)
TYPICAL = (
    "of the finite values, a value of the column. Exact up to 100,000 values, then an estimate with a standard error "
    "of 0.03 % in rank; absent when there is none. In the unit of the column."
)


class Count(serializers.RegexField):
    """A whole number as text: proto3 JSON writes those of 64 bits so."""

    def __init__(self, help_text: str) -> None:
        super().__init__(r"^[0-9]+$", required=False, help_text=f"{help_text} Absent for 0.")


class CategoryDocument(serializers.Serializer[Any]):
    label = serializers.CharField(  # type: ignore[assignment]  # hides DRF's
        required=False, help_text="Absent for the rows without one."
    )
    count = Count("Rows with this label, counted.")


class ColumnDocument(serializers.Serializer[Any]):
    """Proto3 JSON of `halftone.v1.Column`."""

    name = serializers.CharField()
    type = serializers.ChoiceField([f"COLUMN_TYPE_{name}" for name in ("NUMBER", "TIME", "CATEGORY", "TEXT")])
    dtype = serializers.CharField(help_text="Type of the source column, as Arrow names it.")
    unit = serializers.CharField(required=False, help_text="Of the values, as the file or a person names it.")
    timeUnit = serializers.ChoiceField(  # noqa: N815 - as proto3 JSON spells it
        ["TIME_UNIT_UNSPECIFIED", "TIME_UNIT_MILLISECOND"],
        required=False,
        help_text="What times are counts of, since 1970 UTC: microseconds unless it says milliseconds.",
    )
    nulls = Count("Rows without a value, counted; those of the next three are not among them.")
    infinite = Count("Rows with an infinite value, counted.")
    outOfRange = Count("Rows with a time outside of the years 1 to 9999, counted.")  # noqa: N815 - likewise
    unreadable = Count("Rows with a cell that did not fit the type, counted.")
    distinct = Count(DISTINCT)
    min = serializers.FloatField(required=False, help_text="Least finite value, exact, in the unit of the column.")
    max = serializers.FloatField(required=False, help_text="Greatest finite value, exact, in the unit of the column.")
    typicalMin = serializers.FloatField(required=False, help_text=f"The 0.5 % quantile {TYPICAL}")  # noqa: N815 - likewise
    typicalMax = serializers.FloatField(required=False, help_text=f"The 99.5 % quantile {TYPICAL}")  # noqa: N815 - likewise
    leastPositive = serializers.FloatField(  # noqa: N815 - likewise
        required=False,
        help_text="Least value above 0 of a number, exact, in the unit of the column; absent when there is none.",
    )
    categories = CategoryDocument(many=True, required=False, help_text="The most frequent, at most 256.")
