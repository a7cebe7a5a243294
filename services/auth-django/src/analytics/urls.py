"""Routes of the catalogue. Ids are plain text here: what is no id is answered like an unknown one."""

from django.urls import path

from analytics.api import (
    columns,
    datasets,
    grant,
    imports,
    internal_events,
    internal_jobs,
    jobs,
    permissions,
    uploads,
    versions,
)

DATASET = "datasets/<str:slug>/"
INTERNAL_JOB = "internal/jobs/<str:job_id>/"

urlpatterns = [
    path("datasets/", datasets.DatasetsView.as_view(), name="datasets"),
    path(DATASET, datasets.DatasetView.as_view(), name="dataset"),
    path(f"{DATASET}restore/", datasets.RestoreView.as_view(), name="dataset-restore"),
    path(f"{DATASET}versions/", versions.VersionsView.as_view(), name="versions"),
    path(f"{DATASET}columns/", columns.ColumnsView.as_view(), name="columns"),
    path(f"{DATASET}grant/", grant.GrantView.as_view(), name="grant"),
    path(f"{DATASET}permissions/", permissions.PermissionsView.as_view(), name="permissions"),
    path(f"{DATASET}permissions/<str:permission_id>/", permissions.PermissionView.as_view(), name="permission"),
    path("uploads/", uploads.UploadsView.as_view(), name="uploads"),
    path("uploads/<str:upload_id>/", uploads.UploadView.as_view(), name="upload"),
    path("imports/", imports.ImportsView.as_view(), name="imports"),
    path("jobs/", jobs.JobsView.as_view(), name="jobs"),
    path("jobs/<str:job_id>/", jobs.JobView.as_view(), name="job"),
    path("jobs/<str:job_id>/cancel/", jobs.CancelView.as_view(), name="job-cancel"),
    path("internal/jobs/claim/", internal_jobs.ClaimView.as_view(), name="internal-claim"),
    path(f"{INTERNAL_JOB}heartbeat/", internal_jobs.HeartbeatView.as_view(), name="internal-heartbeat"),
    path(f"{INTERNAL_JOB}publish/", internal_jobs.PublishView.as_view(), name="internal-publish"),
    path(f"{INTERNAL_JOB}fail/", internal_jobs.FailView.as_view(), name="internal-fail"),
    path("internal/events/", internal_events.EventsView.as_view(), name="internal-events"),
]
