"""What every worker of Celery has in common here: messages only wake, are JSON, and run on threads of one process.

Jobs are rows of a database, so that a lost or a repeated message changes nothing. Needs the extra `celery`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from kombu import Queue


def wake_options(queue: str, threads: int) -> Mapping[str, object]:
    """Options of an app whose worker takes messages from one queue, on this many threads."""
    return MappingProxyType(
        {
            "broker_connection_retry_on_startup": True,
            "task_queues": [Queue(queue)],
            "task_default_queue": queue,
            "task_serializer": "json",
            "accept_content": ["json"],
            "task_ignore_result": True,
            "task_acks_late": True,
            "worker_prefetch_multiplier": 1,
            # Threads, so that tasks run in the worker's process while its loop keeps running.
            "worker_pool": "threads",
            "worker_concurrency": threads,
            "worker_hijack_root_logger": False,
            "worker_enable_remote_control": False,
        }
    )
