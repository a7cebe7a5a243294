import pytest
from auth_rig.clock import usual_seconds
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from halftone_auth.database.migrated import is_migrated, is_reachable, wait_for_database, wait_for_migrations

pytestmark = pytest.mark.django_db


def test_a_whole_database_is_ready_at_once() -> None:
    assert is_reachable()
    assert is_migrated()
    assert wait_for_database(0)
    assert wait_for_migrations(0)


def test_waiting_for_a_migration_ends() -> None:
    [newest] = MigrationLoader(connection).graph.leaf_nodes("analytics")
    MigrationRecorder(connection).record_unapplied(*newest)
    answers: list[bool] = []
    assert 0.2 <= usual_seconds(lambda: answers.append(wait_for_migrations(0.2))) < 5
    assert not any(answers)
