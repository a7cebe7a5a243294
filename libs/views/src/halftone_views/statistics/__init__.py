"""The statistics, one a file: reductions that only bars have, made of all values of a bar at once.

A folder of the same name elsewhere on PYTHONPATH adds its own.
"""

import pkgutil

__path__ = pkgutil.extend_path(__path__, __name__)
