"""`/api/datasets/`: the catalogue as the caller may see it."""

import re
from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from halftone_auth.http.requests import Pages, StrictSerializer, Text, parsed, query
from halftone_auth.http.schema import PAGE_PARAMETERS, problems
from halftone_servicekit.errors import ErrorCode, HalftoneError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from users.authentication import user_of

from analytics.catalogue import access, datasets
from analytics.models import Dataset, Role, slug_validator
from analytics.rest.documents import DatasetDocument
from analytics.rest.idempotency import once
from analytics.rest.parameters import IDEMPOTENCY_KEY

IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag last seen.")
DELETED = inline_serializer("DeletedDataset", {"restorable_until": serializers.DateTimeField()})
DATASET_PAGE = inline_serializer(
    "DatasetPage",
    {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": DatasetDocument(many=True),
    },
)


class NewDataset(StrictSerializer):
    title = Text(max_length=128)
    slug = Text(max_length=63, required=False, validators=[slug_validator])
    description = Text(max_length=4000, required=False, allow_blank=True)


class DatasetChange(StrictSerializer):
    title = Text(max_length=128, required=False)
    description = Text(max_length=4000, required=False, allow_blank=True)


class DatasetsView(APIView):
    @extend_schema(
        operation_id="list_datasets",
        parameters=[
            *PAGE_PARAMETERS,
            OpenApiParameter("search", str, description="Words of title, slug, description."),
        ],
        responses={200: DATASET_PAGE, **problems(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """The datasets that the caller may see, newest first."""
        words = query(request, "search", "cursor", "page_size").get("search", "")
        found = access.search(access.visible(user_of(request)), words[:200])
        pages = Pages()
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(DatasetDocument(page, many=True).data)

    @extend_schema(
        operation_id="create_dataset",
        parameters=[IDEMPOTENCY_KEY],
        request=NewDataset,
        responses={201: DatasetDocument, **problems(400, 401, 409)},
    )
    def post(self, request: Request) -> Response:
        """Creates a dataset owned by the caller; an import adds its first version."""
        user = user_of(request)
        form = parsed(request, NewDataset)
        return once(request, user, lambda: _created(datasets.create_dataset(user, **form)))


class DatasetView(APIView):
    @extend_schema(operation_id="get_dataset", responses={200: DatasetDocument, **problems(401, 404)})
    def get(self, request: Request, slug: str) -> Response:
        """One dataset; a change needs its ETag."""
        query(request)
        return document(access.dataset_for(user_of(request), slug))

    @extend_schema(
        operation_id="change_dataset",
        parameters=[IF_MATCH],
        request=DatasetChange,
        responses={200: DatasetDocument, **problems(400, 401, 403, 404, 412, 428)},
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Changes title or description (editors), if the ETag still matches."""
        user = user_of(request)
        dataset = access.dataset_for(user, slug, Role.EDITOR)
        form: dict[str, Any] = {**parsed(request, DatasetChange)}
        datasets.change_dataset(dataset, revision_of(request), **form)
        return document(access.dataset_for(user, slug))

    @extend_schema(operation_id="delete_dataset", responses={200: DELETED, **problems(401, 403, 404)})
    def delete(self, request: Request, slug: str) -> Response:
        """Hides a dataset at once (owners); its files are removed ten minutes later unless it is restored."""
        dataset = access.dataset_for(user_of(request), slug, Role.OWNER)
        return Response({"restorable_until": datasets.delete_dataset(dataset)})


class RestoreView(APIView):
    @extend_schema(
        operation_id="restore_dataset", request=None, responses={200: DatasetDocument, **problems(401, 404, 409)}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Undoes a deletion within ten minutes (owners)."""
        if not access.is_slug(slug):
            raise HalftoneError(ErrorCode.UNKNOWN_DATASET)
        datasets.restore_dataset(user_of(request), slug)
        return document(access.dataset_for(user_of(request), slug))


def document(dataset: Dataset, status: int = 200) -> Response:
    """A dataset with its ETag."""
    return Response(DatasetDocument(dataset).data, status=status, headers={"ETag": f'"{dataset.revision}"'})


def _created(dataset: Dataset) -> Response:
    response = document(dataset, 201)
    response.headers["Location"] = f"/api/datasets/{dataset.slug}/"
    return response


def revision_of(request: Request) -> int:
    """The revision of If-Match. Raises `precondition_required` without it, `precondition_failed` for an invalid one."""
    given = request.headers.get("If-Match")
    if given is None:
        raise HalftoneError(ErrorCode.PRECONDITION_REQUIRED, field="If-Match")
    match = re.fullmatch(r'(?:W/)?"(\d{1,9})"', given.strip())
    if match is None:
        raise HalftoneError(ErrorCode.PRECONDITION_FAILED, field="If-Match")
    return int(match[1])


urlpatterns = [
    path("api/datasets/", DatasetsView.as_view(), name="datasets"),
    path("api/datasets/<str:slug>/", DatasetView.as_view(), name="dataset"),
    path("api/datasets/<str:slug>/restore/", RestoreView.as_view(), name="dataset-restore"),
]
