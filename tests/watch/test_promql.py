"""The reader of expressions reads what is there."""

from .promql import Read, reads


def test_matchers_and_groupings_are_labels() -> None:
    found = reads('sum by (namespace, code) (rate(halftone_gateway_errors_total{namespace="x",kind=~"a|b"}[5m]))')
    assert found == [Read("halftone_gateway_errors_total", frozenset({"kind", "code"}))]


def test_legends_name_labels_too() -> None:
    assert reads("halftone_compute_slot_load", "{{pod}} {{stage}}") == [
        Read("halftone_compute_slot_load", frozenset({"stage"}))
    ]


def test_every_metric_of_an_expression_is_read() -> None:
    found = reads('halftone_gateway_ws_connections / halftone_gateway_ws_limit{a!="b"}')
    assert found == [
        Read("halftone_gateway_ws_connections", frozenset()),
        Read("halftone_gateway_ws_limit", frozenset({"a"})),
    ]
