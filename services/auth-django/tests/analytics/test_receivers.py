from uuid import UUID

import pytest
from analytics.models import Event, Permission, Role
from auth_rig.people import make_user
from auth_rig.work import make_dataset
from django.contrib.auth.models import Group
from users.models import User

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, UUID | None, UUID | None]]:
    found = list(Event.objects.values_list("kind", "dataset_id", "user_id"))
    Event.objects.all().delete()
    return found


def test_every_change_of_a_role_is_told(owner: User, stranger: User) -> None:
    dataset = make_dataset(owner, "points")
    told()
    permission = Permission.objects.create(dataset=dataset, user=stranger, role=Role.VIEWER)
    permission.role = Role.EDITOR
    permission.save()
    permission.delete()
    assert told() == [("permission_changed", dataset.pk, stranger.pk)] * 3


def test_a_group_s_role_is_about_whoever_looks(owner: User) -> None:
    dataset = make_dataset(owner, "points")
    told()
    Permission.objects.create(dataset=dataset, group=Group.objects.create(name="g"), role=Role.VIEWER)
    assert told() == [("permission_changed", dataset.pk, None)]


def test_joining_and_leaving_a_group_is_told_from_both_sides(owner: User, stranger: User) -> None:
    group = Group.objects.create(name="g")
    third = make_user()
    told()
    owner.groups.add(group)
    owner.groups.remove(group)
    group.user_set.add(owner, stranger, third)
    group.user_set.remove(third)
    group.user_set.clear()
    found = told()
    assert {(kind, dataset) for kind, dataset, _ in found} == {("permission_changed", None)}
    people = [user for _, _, user in found]
    assert people[:2] == [owner.pk, owner.pk]
    assert set(people[2:5]) == {owner.pk, stranger.pk, third.pk}
    assert people[5] == third.pk
    assert set(people[6:]) == {owner.pk, stranger.pk}
