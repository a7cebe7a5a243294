import pytest
from halftone_auth.http.requests import Natural, StrictSerializer, Text
from halftone_servicekit.errors import HalftoneError
from rest_framework.exceptions import ValidationError


class Form(StrictSerializer):
    name = Text(max_length=3)
    size = Natural()


def test_a_good_form_is_read() -> None:
    form = Form(data={"name": " ab ", "size": 2**63 - 1})
    assert form.is_valid()
    assert form.validated_data == {"name": "ab", "size": 2**63 - 1}


@pytest.mark.parametrize("name", [5, True, None, ["a"], {}, "abcd", ""])
def test_a_text_is_a_text(name: object) -> None:
    with pytest.raises(ValidationError):
        Form(data={"name": name, "size": 1}).is_valid(raise_exception=True)


@pytest.mark.parametrize("size", ["1", True, 1.0, -1, 2**63, None])
def test_a_number_is_a_whole_number(size: object) -> None:
    with pytest.raises(ValidationError):
        Form(data={"name": "a", "size": size}).is_valid(raise_exception=True)


@pytest.mark.parametrize("form", ["ab", 3, [1]])
def test_a_form_is_an_object(form: object) -> None:
    with pytest.raises(ValidationError):
        Form(data=form).is_valid(raise_exception=True)


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(HalftoneError) as caught:
        Form(data={"name": "a", "size": 1, "x" * 500: 1}).is_valid()
    assert (caught.value.code, caught.value.field) == ("unknown_field", "x" * 128)
