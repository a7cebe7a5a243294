"""Work moves the metrics."""

import halftone_compute.metrics as own
import numpy as np
from compute_rig.rig import Rig, Serving


async def test_work_is_counted(rig: Rig, serving: Serving) -> None:
    rig.put({"x": np.zeros(30), "y": np.zeros(30)})
    rows, pieces = own.ROWS_SCANNED._value.get(), own.PIECES._value.get()
    scanning = own.STAGE_SECONDS.labels("scan")._sum.get()
    failed = own.ERRORS.labels("param_invalid")._value.get()
    client = serving.client()
    await client.run(1)
    await client.run(2, deadline_ms=0)
    assert own.ROWS_SCANNED._value.get() == rows + 30
    assert own.PIECES._value.get() == pieces + 1
    assert own.ERRORS.labels("param_invalid")._value.get() == failed + 1
    assert own.STAGE_SECONDS.labels("scan")._sum.get() > scanning
