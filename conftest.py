"""What all tests share: Hypothesis looks for wrong answers, not for slow ones, on machines that do other things too.

`HYPOTHESIS_PROFILE=long` looks a hundred times as long.
"""

import os

from hypothesis import settings

settings.register_profile("patient", settings.default, deadline=None)
settings.register_profile("long", settings.get_profile("patient"), max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "patient"))
