"""The gateway: sockets in, pieces out."""

from pkgutil import extend_path

# A folder of this name elsewhere on the path adds message handlers.
__path__ = extend_path(__path__, __name__)
