"""Put into the path of Python, this stops the process that reads a file before it makes its second column.

By then it is confined, and has made the first. It goes on with SIGCONT: no test has to be quick to step in.
"""

from __future__ import annotations

import os
import signal
import sys

_COLUMN = "c0001.values"


def _stop(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and str(arguments[0]).endswith(_COLUMN):
        os.kill(os.getpid(), signal.SIGSTOP)


# Its worker opens the same files, to send them to a bucket.
if "halftone_compute.ingest.sandbox.child" in sys.orig_argv:
    sys.addaudithook(_stop)
