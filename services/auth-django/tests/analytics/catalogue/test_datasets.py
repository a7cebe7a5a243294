import pytest
from analytics.catalogue.datasets import free_slug
from analytics.models import Dataset
from auth_rig.work import make_dataset
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Flights", "flights"), ("  A  b ", "a-b"), ("--", "dataset"), ("x" * 200, "x" * 50), ("Ünïcode", "unicode")],
)
def test_a_title_makes_a_slug(title: str, slug: str) -> None:
    assert free_slug(title) == slug


def test_slugs_are_numbered_past_every_taken_one(owner: User) -> None:
    for slug in ("points", "points-2", "points-4"):
        make_dataset(owner, slug)
    assert free_slug("Points") == "points-3"
    Dataset.objects.filter(slug="points").update(deleted_at="2026-01-01T00:00:00Z")
    assert free_slug("Points") == "points"
