"""What all tests share: Hypothesis looks for wrong answers, not for slow ones, on machines that do other things too."""

from hypothesis import settings

settings.register_profile("patient", settings.default, deadline=None)
settings.load_profile("patient")
