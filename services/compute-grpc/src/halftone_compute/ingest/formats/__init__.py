"""File formats that can be imported, one a file, found by `halftone_compute.ingest.registry`.

A file `halftone_compute/ingest/formats/<name>.py` in any folder on the import path adds one.
"""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
