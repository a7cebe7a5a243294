"""How much a run measures: `BENCH_QUICK=1` little, `BENCH_HUGE=1` 10^9 rows besides."""

import os

IS_QUICK = bool(os.environ.get("BENCH_QUICK"))
IS_HUGE = bool(os.environ.get("BENCH_HUGE"))
SIZES = (10**5, 10**6) if IS_QUICK else (10**6, 10**7, 10**8)
LARGEST = SIZES[-1]
HUGE = 10**9
SPREADS = ("even",) if IS_QUICK else ("even", "skewed")
# Turns of the wheel in a browser.
TURNS = 4 if IS_QUICK else 11
