"""Compiles the loops that tests run, once, for all processes of a run: `python -m compute_rig.loops`."""

from halftone_compute.backends.base import Cancel
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.store import places
from halftone_wire import warm_up


def main() -> None:
    engine = CpuEngine()
    engine.warm_up()
    engine.warm_up_free(Cancel())
    warm_up()
    places.warm_up()


if __name__ == "__main__":
    main()
