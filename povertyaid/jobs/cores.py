"""Work that takes much processor time, done by a process a core beside the worker.

    for answer in on_all_cores(set_part, [(order, keys), …], watch=lambda: progress.step(0)):
        …

The processes are started anew (no copy of a worker that holds connections), find the same database
and the same folders, give way to whoever waits at a desk, and end when the worker does, however
it ends. A function goes to them by its name, and its arguments are keys: nothing personal.
"""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any

import django
from django.conf import settings
from django.db import connections
from django.utils import translation

LOOK_UP_SECONDS = 0.5
NICE = 5


def cores() -> int:
    """How many processes may be at it: as the office says, else one a core that we may use."""
    return settings.CORES or len(os.sched_getaffinity(0))


def on_all_cores(
    function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], *, watch: Callable[[], Any]
) -> Iterator[Any]:
    """Answers of `function(*task)` for each task, as they come; `watch` is called meanwhile.

    What `watch` or a task raises ends it all: what has not been begun is not begun any more. If a
    process is killed (memory ran out, say), what is left is done here, one after the other.
    """
    left = list(tasks)
    if min(cores(), len(tasks)) > 1:
        with suppress(BrokenProcessPool):
            yield from _by_processes(function, left, watch)
    for task in left:
        watch()
        yield function(*task)


def _by_processes(
    function: Callable[..., Any], left: list[tuple[Any, ...]], watch: Callable[[], Any]
) -> Iterator[Any]:
    """Takes tasks out of `left` as they are answered."""
    pool = ProcessPoolExecutor(
        min(cores(), len(left)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(_places(),),
    )
    try:
        running = {pool.submit(function, *task): task for task in left}
        while running:
            ended, _still = wait(running, timeout=LOOK_UP_SECONDS, return_when=FIRST_COMPLETED)
            for one in ended:
                answer = one.result()
                left.remove(running.pop(one))
                yield answer
            watch()
    finally:
        pool.shutdown(cancel_futures=True)


def _places() -> dict[str, Any]:
    """Where the processes find what we work on."""
    return {
        "database": connections["default"].settings_dict["NAME"],
        "uploads": os.fspath(settings.UPLOADS_DIR),
    }


def _begin(places: dict[str, Any]) -> None:
    """The first thing a process does."""
    threading.Thread(target=_end_with_the_worker, daemon=True).start()
    os.nice(NICE)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "povertyaid.settings")
    django.setup()
    connections["default"].settings_dict["NAME"] = places["database"]
    settings.UPLOADS_DIR = places["uploads"]
    translation.activate(settings.LANGUAGE_CODE)


def _end_with_the_worker() -> None:
    """A killed worker cannot tell its processes to end, and they would wait for work for ever."""
    if worker := multiprocessing.parent_process():
        worker.join()
    os._exit(1)
