"""One socket: its state machine, its messages, and the edge that carries out what the state machine returns."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
