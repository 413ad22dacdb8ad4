"""Handbooks in one go: pages a second, against one by one, and how memory grows.

    python -m tests.benchmarks.handbooks [--sizes 100,1000] [--folder DIR]

An office of its own below the folder (made on the first run, used again on the next) gets as many
families as the largest size, each with a helper, visits and what was done on them. First some
handbooks are made one by one in one process, as whoever waits at a desk has them made: laid out,
written, done. Then each size is made as work in the background: set by a process a core, bound
into a volume, packed by unit. Columns: processor seconds of all processes together, seconds by the
clock, pages a second by the clock, how many times as many as one by one (by processor time alone,
which a busy machine does not change; and by the clock), the largest memory of the worker and of
one of its processes, and how large the volume is.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

MEASURE, ONE_BY_ONE = "--measure", 40


def main() -> None:
    if MEASURE in sys.argv:
        json.dump(measure(int(sys.argv[2]), int(sys.argv[3])), sys.stdout)
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", default="100,1000")
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "povertyaid-handbooks"
    )
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    alone, *many = [run(size, max(sizes), options.folder) for size in (0, *sizes)]
    print_table(alone, many)


def run(size: int, most: int, folder: Path) -> dict[str, Any]:
    """Measure one size in a process of its own; 0 is one by one."""
    environment = os.environ | {"POVERTYAID_DATA": str(folder / str(most))}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "tests.benchmarks.handbooks", MEASURE, str(size), str(most)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    sys.stderr.write(f"{done.stdout.decode()}\n")
    return json.loads(done.stdout)


def measure(size: int, most: int) -> dict[str, Any]:
    """Seconds, pages, megabytes."""
    from povertyaid import cluster  # noqa: PLC0415 -- the office is named by the environment

    os.environ["DJANGO_SETTINGS_MODULE"] = "povertyaid.settings"
    started = cluster.ensure_running()
    try:
        prepare(most)
        return in_one_go(size) if size else one_by_one()
    finally:
        if started:
            cluster.stop()


def one_by_one() -> dict[str, Any]:
    from pairings.papers import printing  # noqa: PLC0415 -- after django.setup()

    terms, keys = printing.Terms(clerk(), full=False, base="http://localhost/"), chosen(ONE_BY_ONE)
    press = printing.open_press("handbook")

    def make(some: list[int]) -> int:
        pages = 0
        for key in some:
            for paper in printing.lay_out(press, "handbook", [key], terms):
                pages += paper.pages
                press.bind([paper.document])
        return pages

    make(keys[:2])  # fonts and templates are read
    clock, processor = time.perf_counter(), time.process_time()
    pages = make(keys)
    return {
        "size": ONE_BY_ONE,
        "pages": pages,
        "processor": time.process_time() - processor,
        "clock": time.perf_counter() - clock,
        "worker_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def in_one_go(size: int) -> dict[str, Any]:
    from households.models import Enrolment, Household  # noqa: PLC0415 -- after django.setup()
    from pairings.actions import papers  # noqa: PLC0415
    from povertyaid.jobs.models import Job  # noqa: PLC0415
    from povertyaid.jobs.work import run_waiting  # noqa: PLC0415
    from povertyaid.lib import sealed_files  # noqa: PLC0415

    enrolments = Enrolment.objects.filter(pk__in=chosen(size))
    order = papers.ask(
        Household.objects.filter(pk__in=enrolments.values("household")), kind="handbook",
        programme=enrolments[0].programme, by=clerk(), base="http://localhost/",
    )  # fmt: skip
    before, clock = spent(), time.perf_counter()
    run_waiting()
    clock, processor = time.perf_counter() - clock, spent() - before
    order.refresh_from_db()
    if order.printed != size:
        raise RuntimeError(Job.objects.latest("pk").sentence)
    volume = sealed_files.folder(papers.ROOM) / order.volume_stored_as
    told = {
        "size": size,
        "pages": order.pages,
        "processor": processor,
        "clock": clock,
        "worker_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "process_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "volume_mb": volume.stat().st_size * 3 / 4 / 1024 / 1024,
    }
    papers.take_away(order, by=clerk())
    return told


def spent() -> float:
    """Processor seconds of this process and of those that it has started and that have ended."""
    mine, theirs = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


# --- the office -----------------------------------------------------------------------------------


def clerk() -> Any:
    from povertyaid.org.models import Staff  # noqa: PLC0415 -- after django.setup()

    return Staff.objects.select_related("unit").get(username="scale-clerk")


def chosen(n: int) -> list[int]:
    from households.models import Enrolment  # noqa: PLC0415 -- after django.setup()

    rows = Enrolment.objects.counted().order_by("household__unit__path", "household__code")
    return list(rows.values_list("pk", flat=True)[:n])


def prepare(most: int) -> None:
    """Families with helpers and visits, unless they stand from the run before."""
    import django  # noqa: PLC0415 -- the office is named by the environment

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 -- after django.setup()

    from households.models import Household  # noqa: PLC0415
    from pairings.models import Pairing  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if not Household.objects.exists():
        call_command("seed_scale", households=most + most // 10, stdout=sys.stderr)
    if not Pairing.objects.exists():
        help_everybody()


def help_everybody() -> None:
    """A helper for every three families, four visits to each, two things done on each."""
    from households.models import Enrolment  # noqa: PLC0415 -- after django.setup()
    from pairings.models import (  # noqa: PLC0415
        Helper,
        Pairing,
        PairingHelper,
        ServiceKind,
        Visit,
        VisitItem,
    )

    rows = list(Enrolment.objects.select_related("household").order_by("pk"))
    programme, first = rows[0].programme_id, date(2021, 3, 5)
    helpers = Helper.objects.bulk_create(
        Helper(
            programme_id=programme, unit_id=row.household.unit_id, name=f"帮扶人{n}", home="乡政府",
            rank="科员", category="cadre", phone=f"139{n:08}",
        )
        for n, row in enumerate(rows[::3])
    )  # fmt: skip
    pairs = Pairing.objects.bulk_create(
        Pairing(
            programme_id=programme, unit_id=row.household.unit_id, enrolment=row,
            scheme="one_to_one", starts_on=first,
        )
        for row in rows
    )  # fmt: skip
    PairingHelper.objects.bulk_create(
        PairingHelper(pairing=pair, helper=helpers[n // 3], role="lead", starts_on=first)
        for n, pair in enumerate(pairs)
    )
    visits = Visit.objects.bulk_create(
        Visit(
            programme_id=programme, unit_id=row.household.unit_id, household=row.household,
            helper=helpers[n // 3], visited_on=first + timedelta(days=30 * nth),
            situation="入户了解生产生活情况，宣讲帮扶政策。",
        )
        for n, row in enumerate(rows)
        for nth in range(4)
    )  # fmt: skip
    kinds = ServiceKind.values
    VisitItem.objects.bulk_create(
        VisitItem(visit=visit, kind=kinds[(n + nth) % len(kinds)], times=nth + 1)
        for n, visit in enumerate(visits)
        for nth in range(2)
    )


def print_table(alone: dict[str, Any], many: list[dict[str, Any]]) -> None:
    """A table for the README."""
    print(  # noqa: T201 -- what the command is for
        "| handbooks | pages | processor s | clock s | pages/s | × one by one, processor | clock "
        "| worker MB | process MB | volume MB |"
    )
    print("|---|" + "---:|" * 9)  # noqa: T201
    for row in (alone, *many):
        name = f"{row['size']:,}" + (" one by one" if row is alone else "")
        rate = {key: row["pages"] / row[key] for key in ("processor", "clock")}
        times = {key: rate[key] / (alone["pages"] / alone[key]) for key in rate}
        ratios = "| |" if row is alone else f"| {times['processor']:.2f} | {times['clock']:.2f} |"
        print(  # noqa: T201
            f"| {name} | {row['pages']:,} | {row['processor']:.1f} | {row['clock']:.1f} | "
            f"{rate['clock']:.1f} {ratios} {row['worker_mb']:.0f} | {row.get('process_mb', 0):.0f} "
            f"| {row.get('volume_mb', 0):.1f} |"
        )


if __name__ == "__main__":
    main()
