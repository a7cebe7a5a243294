"""Effects are data."""

import dataclasses
from typing import get_args

import pytest
from halftone_gateway.session import effects


@pytest.mark.parametrize("kind", get_args(effects.Effect))
def test_an_effect_says_what_it_asks_for_and_never_changes(kind: type) -> None:
    assert kind.__doc__
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]  # of every data class
