"""One file for each message of a client: `MESSAGE` names it, `handle` handles it. A scan of this folder finds them."""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Final

from halftone.v1.session_pb2 import ClientMessage

from halftone_gateway.session.connection import Handler

# A folder of this name elsewhere on the path adds handlers.
__path__ = pkgutil.extend_path(__path__, __name__)


def scan() -> Mapping[str, Handler]:
    """The handler of each message. Raises RuntimeError when one has none or two, or a handler has no message."""
    handlers: dict[str, Handler] = {}
    for found in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{found.name}")
        if module.MESSAGE in handlers or not module.__doc__:
            raise RuntimeError(f"{found.name}: a second handler of {module.MESSAGE!r}, or one without a docstring")
        handlers[module.MESSAGE] = module.handle
    messages = {field.name for field in ClientMessage.DESCRIPTOR.oneofs_by_name["message"].fields}
    if messages != handlers.keys():
        raise RuntimeError(f"handlers and messages differ: {sorted(messages ^ handlers.keys())}")
    return handlers


HANDLERS: Final = scan()
