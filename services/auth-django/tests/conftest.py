"""A fresh home for every test: its own storage, broker and keys, and a SQLite file with the product's settings."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from halftone_auth import celery
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

sys.path.insert(0, str(Path(__file__).parent))

from auth_rig.people import PASSWORD, client_of, make_user
from auth_rig.work import SERVICE_TOKEN, Worker
from users.keys import KeyFolder
from users.models import User


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file in place of memory: WAL, locks and threads behave as in the product."""
    connections["default"].settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def signing_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one key."""
    folder = tmp_path_factory.mktemp("keys")
    KeyFolder(folder).add(1_700_000_000)
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, signing_keys: Path, settings: Settings) -> Iterator[Path]:
    """Everything that the service keeps on disk, for one test."""
    settings.STORAGE_ROOT = tmp_path / "storage"
    settings.BROKER_FOLDER = tmp_path / "broker"
    settings.SIGNING_KEYS = signing_keys
    settings.SERVICE_TOKEN = SERVICE_TOKEN
    # One round in place of a million: sign-ins take no second each.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    celery.app.cache_clear()
    yield tmp_path
    celery.app.cache_clear()


@pytest.fixture
def owner(db: None) -> User:
    return make_user("owner")


@pytest.fixture
def stranger(db: None) -> User:
    return make_user("stranger")


@pytest.fixture
def api(owner: User) -> APIClient:
    """The owner's client."""
    return client_of(owner)


@pytest.fixture
def foreign(stranger: User) -> APIClient:
    """The stranger's client."""
    return client_of(stranger)


@pytest.fixture
def anonymous() -> APIClient:
    return APIClient()


@pytest.fixture
def worker(db: None) -> Worker:
    return Worker()


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_superuser("root@example.org", PASSWORD)


@pytest.fixture
def desk(staff: User) -> Client:
    """A browser in the admin."""
    client = Client(headers={"Host": "localhost"})
    answer = client.post("/admin/login/?next=/admin/", {"username": staff.email, "password": PASSWORD}, secure=True)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    return client
