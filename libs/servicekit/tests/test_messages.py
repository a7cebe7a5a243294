from celery import Celery
from halftone_servicekit.messages import wake_options


def test_an_app_takes_json_from_its_one_queue() -> None:
    app = Celery("worker", broker="memory://", set_as_current=False, fixups=[])
    app.conf.update(wake_options("ingest", 2))
    assert [queue.name for queue in app.conf.task_queues] == ["ingest"]
    assert (app.conf.task_default_queue, app.conf.accept_content) == ("ingest", ["json"])
    assert (app.conf.worker_pool, app.conf.worker_concurrency) == ("threads", 2)
