"""How many rows a run takes: `BENCH_QUICK=1` few, `BENCH_HUGE=1` 10^9 besides."""

import os

IS_QUICK = bool(os.environ.get("BENCH_QUICK"))
IS_HUGE = bool(os.environ.get("BENCH_HUGE"))
SIZES = (10**5, 10**6) if IS_QUICK else (10**6, 10**7, 10**8)
LARGEST = SIZES[-1]
HUGE = 10**9
