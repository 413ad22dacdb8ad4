"""Procrastinate's own command; its worker here takes up what a dead one left and outlives the database.

As it comes, it ends when the database is started anew, and leaves it to others to begin it again.
"""

import asyncio
import contextlib
import logging
import signal
import time

from asgiref.sync import sync_to_async
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.management.commands import procrastinate
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from povertyaid.jobs import faults, work

PAUSES = (1, 2, 5, 10, 20, 30)  # seconds before the next try, and so on for ever
STEADY_SECONDS = 60  # after so long the next fault is a new one
# What they tell of a database that is away, again and again with all its frames, is said once here.
QUIETER = {"procrastinate": logging.CRITICAL, "psycopg.pool": logging.ERROR}
# One connection is enough for a queue of tens a day, and a database that is away is missed soon.
POOL = {"min_size": 1, "max_size": 4, "timeout": 3}
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Command(procrastinate.Command):
    def handle(self, *args, **options):
        if options["command"] != "worker":
            return super().handle(*args, **options)
        for name, level in QUIETER.items():
            logging.getLogger(name).setLevel(level)
        own = {*self._django_options, "command", "func"}
        chosen = {name: value for name, value in options.items() if name not in own}
        with app.replace_connector(PsycopgConnector(kwargs=connector_params(), **POOL)):
            asyncio.run(self.work_until_stopped(chosen))
        return None

    async def work_until_stopped(self, options):
        stop = asyncio.Event()
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        tries = 0
        while not stop.is_set():
            began = time.monotonic()
            error = await self.work(stop, options)
            if error is None:
                continue
            if time.monotonic() - began > STEADY_SECONDS:
                tries = 0
            if tries == 0:
                self.stderr.write(
                    f"The worker cannot reach its queue ({faults.kind_of(error)}); it goes on "
                    "trying. If that does not pass, look after the database."
                )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1

    async def work(self, stop, options):
        """Work until stopped, or until the database goes away; answers what went wrong, if anything."""
        try:
            await sync_to_async(recover)()
            async with app.open_async():
                worker = asyncio.create_task(
                    app.run_worker_async(**options, install_signal_handlers=False)
                )
                stopped = asyncio.create_task(stop.wait())
                await asyncio.wait({worker, stopped}, return_when=asyncio.FIRST_COMPLETED)
                stopped.cancel()
                worker.cancel()  # asks it to lay its job back; it ends when that is done
                with contextlib.suppress(asyncio.CancelledError):
                    await worker
                if not stop.is_set():  # one of its side tasks failed
                    return ConnectionError()
        except Exception as error:  # noqa: BLE001 -- most say the database is away; all are told and tried again
            return error
        return None


def recover():
    try:
        work.recover()
    finally:
        connection.close()
