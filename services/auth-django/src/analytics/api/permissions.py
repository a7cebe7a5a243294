"""`/api/datasets/{slug}/permissions/`: roles of users and groups, for owners."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from halftone_auth.http.requests import StrictSerializer, Text, parsed, query
from halftone_auth.http.schema import problems
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import override
from users.authentication import user_of

from analytics.catalogue import datasets
from analytics.catalogue.access import dataset_for, uuid_or_none
from analytics.models import Permission, Role
from analytics.rest.documents import PermissionDocument, RoleField


class NewPermission(StrictSerializer):
    user = Text(max_length=254, required=False, help_text="E-mail of a user; or name a group.")
    group = Text(max_length=150, required=False)
    role = RoleField()

    @override
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("user" in attrs) == ("group" in attrs):
            raise serializers.ValidationError({"user": "Name a user or a group."})
        return attrs


class RoleChange(StrictSerializer):
    role = RoleField()


class PermissionsView(APIView):
    @extend_schema(
        operation_id="list_permissions", responses={200: PermissionDocument(many=True), **problems(401, 403, 404)}
    )
    def get(self, request: Request, slug: str) -> Response:
        """Every role in a dataset."""
        query(request)
        dataset = dataset_for(user_of(request), slug, Role.OWNER)
        return Response(PermissionDocument(dataset.permissions.select_related("user", "group"), many=True).data)

    @extend_schema(
        operation_id="create_permission",
        request=NewPermission,
        responses={201: PermissionDocument, **problems(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Grants a role to a user or a group."""
        dataset = dataset_for(user_of(request), slug, Role.OWNER)
        form = parsed(request, NewPermission)
        permission = datasets.grant_role(
            dataset, role_named(form["role"]), user_email=form.get("user", ""), group=form.get("group", "")
        )
        return Response(PermissionDocument(permission).data, status=201)


class PermissionView(APIView):
    @extend_schema(
        operation_id="change_permission",
        request=RoleChange,
        responses={200: PermissionDocument, **problems(400, 401, 403, 404, 409)},
    )
    def patch(self, request: Request, slug: str, permission_id: str) -> Response:
        """Changes the role."""
        permission = _permission(request, slug, permission_id)
        role = role_named(parsed(request, RoleChange)["role"])
        return Response(PermissionDocument(datasets.change_role(permission, role)).data)

    @extend_schema(operation_id="delete_permission", responses={204: None, **problems(401, 403, 404, 409)})
    def delete(self, request: Request, slug: str, permission_id: str) -> Response:
        """Revokes a role; open views of its holder end."""
        datasets.revoke_role(_permission(request, slug, permission_id))
        return Response(status=204)


def _permission(request: Request, slug: str, permission_id: str) -> Permission:
    dataset = dataset_for(user_of(request), slug, Role.OWNER)
    return datasets.permission_of(dataset, uuid_or_none(permission_id))


def role_named(name: str) -> Role:
    """A role by its name."""
    return next(role for role in Role if role.label == name)


urlpatterns = [
    path("api/datasets/<str:slug>/permissions/", PermissionsView.as_view(), name="permissions"),
    path("api/datasets/<str:slug>/permissions/<str:permission_id>/", PermissionView.as_view(), name="permission"),
]
