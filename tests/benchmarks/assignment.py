"""An assignment draft for a county: 10,000 households without a helper, 3,000 helpers.

    python -m tests.benchmarks.assignment [--households 10000] [--helpers 3000] [--folder DIR]

In an office of its own below the folder. Times are those of the clock: reading what stands, working
the draft out, writing its lines; then accepting all of it, which pairs everybody. Everything is
rolled back, so the next run finds the same.
"""

import argparse
import os
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--households", type=int, default=10_000)
    parser.add_argument("--helpers", type=int, default=3_000)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "povertyaid-assignment"
    )
    options = parser.parse_args()
    os.environ["POVERTYAID_DATA"] = str(options.folder / str(options.households))
    os.environ["DJANGO_SETTINGS_MODULE"] = "povertyaid.settings"
    os.environ.pop("DATABASE_URL", None)
    warnings.simplefilter("ignore")
    from povertyaid import cluster  # noqa: PLC0415 -- the office is named by the environment

    started = cluster.ensure_running()
    try:
        measure(options.households, options.helpers)
    finally:
        if started:
            cluster.stop()


def measure(households: int, helpers: int) -> None:
    from tests.benchmarks.lists import prepare  # noqa: PLC0415 -- after the environment

    prepare(households * 3)  # of three households one still is to be helped
    from django.db import transaction  # noqa: PLC0415 -- after django.setup()

    from pairings.actions import assignment, drafting  # noqa: PLC0415
    from pairings.models import AssignmentDraft  # noqa: PLC0415

    class Back(Exception):  # noqa: N818 -- no error
        pass

    try:
        with transaction.atomic():
            draft = empty(households, helpers)
            times = {"households": 0.0, "draft": 0.0}
            at = time.perf_counter()
            families, carers, _having = drafting.read(draft)
            times["reading"] = time.perf_counter() - at
            at = time.perf_counter()
            drafting.propose(families, carers)
            times["working out"] = time.perf_counter() - at
            at = time.perf_counter()
            drafting.make(draft)
            times["all of it, written"] = time.perf_counter() - at
            draft = AssignmentDraft.objects.get(pk=draft.pk)
            lines = draft.lines.waiting().count()
            at = time.perf_counter()
            _draft, made, refused = assignment.accept(draft, by=draft.asked_by)
            times["accepting"] = time.perf_counter() - at
            say(f"{len(families):,} households, {len(carers):,} helpers: {lines:,} lines,")
            say(
                f"{made:,} paired, {refused:,} refused, {draft.lines.without_helper().count():,} left"
            )
            for name in ("reading", "working out", "all of it, written", "accepting"):
                say(f"{name:>20} {times[name]:6.1f} s")
            raise Back
    except Back:
        pass


def empty(households: int, helpers: int) -> Any:
    """A draft in a province where nobody is paired: so many to be helped, so many who can."""
    from django.utils import timezone  # noqa: PLC0415 -- after django.setup()

    from households.models import Enrolment  # noqa: PLC0415
    from pairings.models import AssignmentDraft, Helper, Pairing, PairingHelper  # noqa: PLC0415
    from pairings.models.pairing import TO_BE_PAIRED  # noqa: PLC0415
    from povertyaid.org.models import Staff  # noqa: PLC0415

    today = timezone.localdate()
    PairingHelper.objects.filter(ends_on=None).update(ends_on=today)
    Pairing.objects.filter(ends_on=None).update(ends_on=today, end_reason="programme_over")
    waiting = Enrolment.objects.filter(status__in=TO_BE_PAIRED).order_by("pk")
    more = households - waiting.count()
    others = Enrolment.objects.filter(status="exited").order_by("pk").values("pk")[: max(more, 0)]
    Enrolment.objects.filter(pk__in=list(others.values_list("pk", flat=True))).update(
        status="relapsed"
    )
    surplus = waiting.values_list("pk", flat=True)[households:]
    Enrolment.objects.filter(pk__in=list(surplus)).update(status="removed", exited_on=None)
    stay = Helper.objects.order_by("phone", "pk").values_list("pk", flat=True)[:helpers]
    Helper.objects.exclude(pk__in=list(stay)).filter(left_on=None).update(
        left_on=today, leave_reason="other"
    )
    Helper.objects.filter(pk__in=list(stay)).update(left_on=None, leave_reason="")
    clerk = Staff.objects.select_related("unit").get(username="scale-clerk")
    return AssignmentDraft.objects.create(
        programme=Helper.objects.first().programme, unit=clerk.unit, scheme="paired_relief",
        starts_on=today, asked_by=clerk, state="making",
    )  # fmt: skip


def say(text: str) -> None:
    print(text)  # noqa: T201 -- what the command is for


if __name__ == "__main__":
    main()
