"""What the worker of Procrastinate is asked to do. It finds this module by its name."""

from procrastinate.contrib.django import app

from povertyaid.jobs import faults, queue, work


def quietly(what, do, **arguments):
    """Procrastinate would log an error with its text, which may hold a person's data."""
    try:
        do(**arguments)
    except Exception as error:  # noqa: BLE001 -- it is logged here instead; recover() sees to the rest
        faults.log(what, error)


@app.task(name=queue.CARRY_OUT, queue=queue.QUEUES[queue.CARRY_OUT], pass_context=True)
def carry_out(context, job_pk):
    quietly(f"Job {job_pk}", work.carry_out, job_pk=job_pk, should_stop=context.should_abort)


# Before all else that waits, and once however long the worker was busy.
@app.periodic(cron="* * * * *")
@app.task(
    name=queue.LOOK_ROUND,
    queue=queue.QUEUES[queue.LOOK_ROUND],
    queueing_lock=queue.LOOK_ROUND,
    priority=1,
)
def look_round(timestamp):
    quietly("Looking after jobs", work.look_round)


@app.task(name=queue.NIGHT, queue=queue.QUEUES[queue.NIGHT])
def night():
    quietly("The work of the night", work.do_nightly)
