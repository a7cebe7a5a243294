"""A fresh home for every test: its own storage, broker and keys, and a database with the product's settings.

That is a SQLite file, or, with HALFTONE_TEST_DATABASE=postgres, a PostgreSQL of the session's own.
"""

import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import caches
from django.db import connections
from django.test import Client
from halftone_auth.celery import sender
from halftone_auth.config import databases
from halftone_auth.redis import bus, options
from halftone_auth.storage import storage
from halftone_servicekit.storage import Storage, StorageAddress
from halftone_servicekit.testing_objects import ObjectStore
from halftone_servicekit.testing_servers import Postgres, Redis, ServerMissingError, held_port
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

sys.path.insert(0, str(Path(__file__).parent))

from analytics.formats import announce
from analytics.internal import jobs as internal_jobs
from auth_rig.people import PASSWORD, client_of, make_user
from auth_rig.work import FORMATS, SERVICE_TOKEN, Worker
from users import limits
from users.models import User
from users.tokens.keys import KeyFolder

# What a request waits for in a fraction of a second may take longer on a busy machine.
PATIENCE_S = 60.0
ON_POSTGRES = os.environ.get("HALFTONE_TEST_DATABASE") == "postgres"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL runs what has to do with the database; on SQLite what that database can do."""
    here = Path(__file__).parent
    other = [item for item in items if item.path.is_relative_to(here) and not belongs(item)]
    if other:
        config.hook.pytest_deselected(items=other)
        items[:] = [item for item in items if item not in set(other)]


def belongs(item: pytest.Item) -> bool:
    if not ON_POSTGRES:
        return item.get_closest_marker("postgres") is None
    return item.get_closest_marker("django_db") is not None or "db" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL for the whole session."""
    try:
        server = Postgres()
    except ServerMissingError as error:
        pytest.skip(str(error))
    with server:
        yield server


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """A Redis that a test may stop, and that may take its time: the service would go on without it."""
    monkeypatch.setattr(options, "TIMEOUT_S", PATIENCE_S)
    for name in ("socket_timeout", "socket_connect_timeout"):
        monkeypatch.setitem(sender.QUICK, name, PATIENCE_S)
    try:
        server = Redis()
    except ServerMissingError as error:
        pytest.skip(str(error))
    with server:
        yield server


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file in place of memory: WAL, locks and threads behave as in the product."""
    if ON_POSTGRES:
        server: Postgres = request.getfixturevalue("postgres")
        given = {"default": databases.configuration(server.url(), 32, int(PATIENCE_S * 1000))}
        given["default"]["OPTIONS"] |= {"connect_timeout": int(PATIENCE_S)}
        given["default"]["OPTIONS"]["pool"]["timeout"] = PATIENCE_S
        # Connections are made of these settings, in every thread.
        connections.settings = connections.configure_settings(given)
        connections.databases.update(connections.settings)
        del connections["default"]
        return
    connections["default"].settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def signing_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one key."""
    folder = tmp_path_factory.mktemp("keys")
    KeyFolder(folder).add(1_700_000_000)
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, signing_keys: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Everything that the service keeps on disk, for one test."""
    settings.STORAGE = StorageAddress(f"file://{tmp_path}/storage")
    settings.BROKER_FOLDER = tmp_path / "broker"
    settings.SIGNING_KEYS = signing_keys
    settings.SERVICE_TOKEN = SERVICE_TOKEN
    # One round in place of a million: sign-ins take no second each.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(internal_jobs, "PATIENCE_S", PATIENCE_S)
    caches["local"].clear()
    limits.breaker.reset()
    bus.breaker.reset()
    sender.app.cache_clear()
    yield tmp_path
    sender.app.cache_clear()


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    try:
        store = ObjectStore()
    except ServerMissingError as error:
        pytest.skip(str(error))
    with store:
        yield store


@pytest.fixture
def bucket(object_store: ObjectStore, settings: Settings) -> Iterator[Storage]:
    """Object storage in place of the folder, for one test."""
    settings.STORAGE = object_store.address(str(uuid.uuid4()))
    yield storage()
    storage().close()


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
def formats(db: None) -> None:
    """A worker has announced its formats."""
    announce(FORMATS)


@pytest.fixture
def worker(db: None) -> Worker:
    return Worker()


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port on which no one listens."""
    with held_port() as place:
        yield int(place.getsockname()[1])


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
