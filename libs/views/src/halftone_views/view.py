"""A view kind: a Param class of options with a pure plan."""

from abc import abstractmethod
from typing import Any, ClassVar, Literal, Self, TypeAlias

import param
from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.columns import Table
from halftone_views.lattice import Extent

# How the browser and `Draw` show the pieces of a kind.
Renderer: TypeAlias = Literal["grid", "bars", "lines"]


class View(param.parameterized.ParameterizedABC):
    """A kind with its options; subclasses set the class values, the options, `filled`, `plan`, `quantity` and
    `data_extent`.

    `plan` and `data_extent` raise `HalftoneError` with the option at fault as `field`.
    """

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""
    renderer: ClassVar[Renderer] = "grid"

    @abstractmethod
    def filled(self, table: Table) -> Self:
        """The same view with the columns it chooses by itself written out."""

    @abstractmethod
    def plan(self, table: Table) -> compute_pb2.Plan:
        """The view resolved against a version, without level and viewport."""

    @abstractmethod
    def quantity(self, table: Table) -> frame_pb2.Quantity:
        """What the number of a cell is; called where `plan` raised nothing."""

    @abstractmethod
    def data_extent(self, table: Table) -> Extent:
        """(x0, x1, y0, y1): the half-open box that holds every row, but for rows beyond the lattice."""

    def default_extent(self, table: Table) -> Extent:
        """The box that the view opens with. Those that overwrite this leave distant rows outside."""
        return self.data_extent(table)

    def most_cells(self) -> int:
        """How many cells a picture has across at most; 0: as many as there is room for."""
        return 0

    def is_map(self, table: Table) -> bool:
        """Whether both axes are places on a map, which opens with equal steps on both."""
        del table
        return False

    def with_options(self, **options: object) -> Self:
        """A copy with some options changed."""
        return type(self)(**{**option_values(self), **options})


def option_params(view: View | type[View]) -> dict[str, param.Parameter[Any]]:
    """The options of a kind by name, in the order of its file."""
    return {name: view.param[name] for name in view.param if name != "name"}


def option_values(view: View) -> dict[str, Any]:
    """The value of every option."""
    return {name: getattr(view, name) for name in option_params(view)}


def options_json(view: View, table: Table | None = None) -> dict[str, Any]:
    """Every option with defaults filled in; with a table also the columns that the kind chooses by itself."""
    return option_values(view if table is None else view.filled(table))
