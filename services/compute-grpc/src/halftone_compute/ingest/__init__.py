"""Turns uploaded files into published versions."""

from pkgutil import extend_path

# A folder elsewhere on the import path may add a format: `halftone_compute/ingest/formats/<name>.py`.
__path__ = extend_path(__path__, __name__)
