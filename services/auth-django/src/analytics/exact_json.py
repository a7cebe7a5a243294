"""A JSON field in a text column."""

import json
from typing import TYPE_CHECKING, Any

from django.db import models
from typing_extensions import override

if TYPE_CHECKING:
    TextField = models.TextField[Any, Any]
else:
    TextField = models.TextField


class ExactJSONField(TextField):
    """Any JSON as ASCII text: PostgreSQL's JSON types cannot hold a NUL, which a category's label may contain."""

    if TYPE_CHECKING:
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, *_: object) -> object:
        return None if value is None else json.loads(value)

    @override
    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    @override
    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, allow_nan=False)

    @override
    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj))
