"""The transforms, one a file; a folder of the same name elsewhere on the path adds more."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
