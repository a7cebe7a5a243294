import pytest
from auth_rig.people import problem_of
from auth_rig.work import COLUMNS, READING, Worker, make_dataset, make_version, queue_import
from rest_framework.test import APIClient
from users.models import User


def test_columns_come_as_they_were_published(api: APIClient, owner: User) -> None:
    dataset = make_dataset(owner, "flights")
    first = make_version(dataset, 1)
    newest = make_version(dataset, 2)
    found = api.get("/api/datasets/flights/columns/").json()
    assert found == {
        "version": {"version_id": str(newest.pk), "number": 2, "rows": 2},
        "columns": COLUMNS,
        "reading": {},
        "unreadable": {},
        "warnings": [],
    }
    older = api.get(f"/api/datasets/flights/columns/?version={first.pk}").json()
    assert older["version"]["version_id"] == str(first.pk)


def test_they_tell_how_their_file_was_read(api: APIClient, worker: Worker) -> None:
    queue_import(api)
    job = worker.claim()
    assert job is not None
    unreadable = {"x": {"count": 1, "cells": [{"line": 3, "text": "n\0ne"}]}}
    warnings = [{"code": "no_header", "text": "There is no header.", "column": ""}]
    answer = worker.publish(job, reading=READING, unreadable=unreadable, warnings=warnings)
    assert answer.status_code == 200
    read = {"reading": READING, "unreadable": unreadable, "warnings": warnings}
    columns = api.get("/api/datasets/points/columns/").json()
    version = api.get(f"/api/datasets/points/versions/{job['version_id']}/").json()
    assert {name: columns[name] for name in read} == {name: version[name] for name in read} == read
    told = api.get(f"/api/jobs/{job['job_id']}/").json()
    assert (told["unreadable"], told["warnings"]) == (unreadable, warnings)
    assert api.get("/api/datasets/points/versions/x/").status_code == 410


def test_without_a_version_there_are_none(api: APIClient, owner: User) -> None:
    make_dataset(owner, "flights")
    assert problem_of(api.get("/api/datasets/flights/columns/"))[:2] == (410, "version_gone")


@pytest.mark.parametrize("version", ["00000000-0000-4000-8000-000000000000", "x", "1", "%00x"])
def test_an_unknown_version_is_gone(api: APIClient, owner: User, version: str) -> None:
    make_version(make_dataset(owner, "flights"))
    status = api.get(f"/api/datasets/flights/columns/?version={version}").status_code
    assert status == (400 if "%00" in version else 410)


def test_another_dataset_s_version_is_gone(api: APIClient, owner: User, stranger: User) -> None:
    make_version(make_dataset(owner, "flights"))
    theirs = make_version(make_dataset(stranger, "secret"))
    url = f"/api/datasets/flights/columns/?version={theirs.pk}"
    assert problem_of(api.get(url)) == (410, "version_gone", "version")
