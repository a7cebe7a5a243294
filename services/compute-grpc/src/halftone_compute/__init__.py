"""Renders exact grids from published versions, and imports files into versions."""

from pkgutil import extend_path

# A folder elsewhere on the import path may add to packages that are extensible, such as `ingest/formats`.
__path__ = extend_path(__path__, __name__)
