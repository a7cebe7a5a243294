import pytest
from analytics.exact_json import ExactJSONField
from analytics.models import Version
from auth_rig.work import make_dataset, make_version
from django.core import serializers
from users.models import User

VALUE = [{"name": "a\0b", "categories": [{"label": "é 😀", "count": "1"}], "min": 0.1}]


@pytest.mark.django_db
def test_whatever_json_holds_comes_back(owner: User) -> None:
    version = make_version(make_dataset(owner))
    version.columns = VALUE
    version.save()
    assert Version.objects.get().columns == VALUE
    [again] = serializers.deserialize("json", serializers.serialize("json", [Version.objects.get()]))
    assert again.object.columns == VALUE  # type: ignore[attr-defined]  # a Version


def test_nothing_stays_nothing_and_no_number_is_lost() -> None:
    field = ExactJSONField()
    assert field.get_prep_value(None) is None
    assert field.from_db_value(None) is None
    with pytest.raises(ValueError, match="not JSON compliant"):
        field.get_prep_value(float("nan"))
