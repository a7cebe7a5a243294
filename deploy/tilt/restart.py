#!/app/.venv/bin/python
"""Stands for `python` in images of the development loop: runs the real one, again after each change.

Tilt touches a file once it has copied what changed. As the first process of a container this one starts its child anew
then; in any other place (a probe) it only becomes the real program.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

TRIGGER = Path("/tmp/restart")  # noqa: S108 - Tilt's run() has the same path
REAL = Path("/app/.venv/bin")
LOOK_SECONDS = 0.25
END_SECONDS = 20.0


def touched(trigger: Path) -> float:
    """When the trigger was touched last; 0 for never."""
    try:
        return trigger.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def end(child: "subprocess.Popen[bytes]") -> None:
    """Ask the child to end, and make it end."""
    child.terminate()
    try:
        child.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def supervise(command: list[str], trigger: Path) -> int:
    """Run a command until it ends or this process gets a signal to end; its exit status.

    A child that fails after a change waits for the next one: a container that ended would forget every change.
    """
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: stopped.append(received))
    seen, changed = touched(trigger), False
    child = subprocess.Popen(command)
    while True:
        if stopped:
            end(child)
            return child.returncode
        if touched(trigger) != seen:
            seen, changed = touched(trigger), True
            print("Restarting after a change", file=sys.stderr, flush=True)
            end(child)
            child = subprocess.Popen(command)
        status = child.poll()
        if status is not None and not (changed and status):
            return status
        time.sleep(LOOK_SECONDS)


def main() -> int:
    """Run the program whose name this file was called by."""
    real = str(REAL / Path(sys.argv[0]).name)
    command = [real, *sys.argv[1:]]
    if os.getpid() != 1:
        os.execv(real, command)  # noqa: S606 - without a shell, as meant
    return supervise(command, TRIGGER)


if __name__ == "__main__":
    sys.exit(main())
