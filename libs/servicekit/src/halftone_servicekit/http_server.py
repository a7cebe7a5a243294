"""Uvicorn that sleeps until it must stop. Its own loop looks ten times a second whether it must."""

import asyncio
from contextlib import suppress
from typing import Final

import uvicorn
from typing_extensions import override

# The Date header of answers is renewed this often.
DATE_S: Final = 1.0


class HttpServer(uvicorn.Server):
    """`run()` or `serve()` it as uvicorn's own; setting `should_exit`, from any thread or signal handler, stops it."""

    _loop: asyncio.AbstractEventLoop | None = None
    _should_exit = False

    @property  # type: ignore[explicit-override]  # a plain attribute there
    def should_exit(self) -> bool:
        """Whether the server stops."""
        return self._should_exit

    @should_exit.setter
    def should_exit(self, stops: bool) -> None:
        self._should_exit = stops
        if stops and self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)

    @override
    async def main_loop(self) -> None:
        self._stopping = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        # Tick 0 renews the Date header and tells whether to stop.
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(DATE_S):
                    await self._stopping.wait()
