"""What a table opens with: the axes, and how much of them is shown. Pure, and the same for previews and views."""

from halftone_views.default_view.axes import default_axis
from halftone_views.default_view.choose import DefaultView, can_be_axis, default_view
from halftone_views.default_view.names import is_in_degrees, is_map
from halftone_views.default_view.opening import opening, whole_of
from halftone_views.default_view.steps import default_steps

__all__ = [
    "DefaultView",
    "can_be_axis",
    "default_axis",
    "default_steps",
    "default_view",
    "is_in_degrees",
    "is_map",
    "opening",
    "whole_of",
]
