"""The rows of the queue, which are Procrastinate's: put one in, take one out, tidy up.

All of it goes over Django's own connection, also in the worker, whose queue has another: a row
appears with the transaction that asks for it, or not at all.
"""

import datetime
import json

from django.db import connection
from django.db.models.functions import Now
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import (
    ProcrastinateEvent,
    ProcrastinateJob,
    ProcrastinateWorker,
)
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

CARRY_OUT = "jobs.carry_out"
LOOK_ROUND = "jobs.look_round"
NIGHT = "jobs.night"
QUEUES = {CARRY_OUT: "jobs", LOOK_ROUND: "house", NIGHT: "house"}

HEARTBEAT_SECONDS = 30  # a worker says every ten seconds that it lives
KEPT_DAYS = 30


def put(task, **arguments):
    manager = JobManager(DjangoConnector())
    configure_task(name=task, job_manager=manager, queue=QUEUES[task]).defer(**arguments)


def take(task):
    """(row, arguments) of the next task whose time has come, marked as being done; or None."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, args FROM procrastinate_fetch_job_v2(%s::varchar[], NULL)", [[QUEUES[task]]]
        )
        row, arguments = cursor.fetchone()
    return (row, json.loads(arguments)) if row else None


def close(row):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s AND status = 'doing'",
            [row],
        )


def waits(job_pk):
    """Whether a row of this job stands in the queue."""
    return ProcrastinateJob.objects.filter(
        task_name=CARRY_OUT, status="todo", args__job_pk=job_pk
    ).exists()


def somebody_works():
    """Whether any worker has given a sign of life lately."""
    since = Now() - datetime.timedelta(seconds=HEARTBEAT_SECONDS)  # the database wrote it
    return ProcrastinateWorker.objects.filter(last_heartbeat__gte=since).exists()


def close_of_the_dead():
    """Close the rows that a worker held when it died; nobody else ever would."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE procrastinate_jobs AS job
               SET status = 'failed'
             WHERE status = 'doing'
               AND NOT EXISTS (
                   SELECT FROM procrastinate_workers AS worker
                    WHERE worker.id = job.worker_id
                      AND worker.last_heartbeat > now() - make_interval(secs => %s))
            """,
            [2 * HEARTBEAT_SECONDS],
        )


def night_since(moment):
    """Whether the work of the night has been queued since then."""
    return ProcrastinateEvent.objects.filter(
        job__task_name=NIGHT, type="deferred", at__gte=moment
    ).exists()


def remove_old():
    """Remove what ended thirty days ago; of the minutely rounds only the last day is kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs AS job
             WHERE status IN ('succeeded', 'failed', 'cancelled', 'aborted')
               AND NOT EXISTS (
                   SELECT FROM procrastinate_events AS event
                    WHERE event.job_id = job.id
                      AND event.at > now() - make_interval(
                          days => CASE job.task_name WHEN %s THEN 1 ELSE %s END))
            """,
            [LOOK_ROUND, KEPT_DAYS],
        )
