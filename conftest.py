"""What all tests share: Hypothesis looks for wrong answers, not for slow ones, on machines that do other things too.

`HYPOTHESIS_PROFILE=long` looks a hundred times as long. Tests with random examples do not count for coverage: whether a
branch is reached must not hang on chance, and to trace lines is half of what they would cost.
"""

import os

import pytest
from hypothesis import is_hypothesis_test, settings

settings.register_profile("patient", settings.default, deadline=None)
settings.register_profile("long", settings.get_profile("patient"), max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "patient"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and is_hypothesis_test(item.obj):
            item.add_marker(pytest.mark.no_cover)
