"""Server time and query count of the working lists: three households against 20,000 and more.

    python -m tests.benchmarks.lists [--sizes 3,20000,100000] [--folder DIR] [--rounds 7]

Every size gets an office of its own below the folder (made on the first run, used again on the
next), so nothing of yours is touched. Each page is asked for in this process, through every
middleware, template and query, once to warm up and then `--rounds` times. The table shows the
median of the processor time (Python and its database process, the latter in brackets too), which
a busy machine does not change as it changes the clock on the wall, and how many times that of
the smallest office it is.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MEASURE = "--measure"


def main() -> None:
    if MEASURE in sys.argv:
        size, rounds, only = sys.argv[2:]
        json.dump(measure(int(size), int(rounds), only), sys.stdout)
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", default="3,20000,100000")
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "povertyaid-lists"
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="", help="pages whose name begins so; several with ;")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    print_table(sizes, [run(size, options.folder, options.rounds, options.only) for size in sizes])


def run(size: int, folder: Path, rounds: int, only: str) -> list[dict[str, Any]]:
    """Measure one size in a process and an office of its own."""
    environment = os.environ | {"POVERTYAID_DATA": str(folder / str(size))}
    environment.pop("DATABASE_URL", None)
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.lists",
        MEASURE,
        str(size),
        str(rounds),
        only,
    ]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def measure(size: int, rounds: int, only: str = "") -> list[dict[str, Any]]:
    """Median milliseconds, queries and the share of the database, page by page."""
    from povertyaid import cluster  # noqa: PLC0415 -- the office is named by the environment

    os.environ["DJANGO_SETTINGS_MODULE"] = "povertyaid.settings"
    warnings.simplefilter("ignore")
    started = cluster.ensure_running()
    try:
        prepare(size)
        from django.test import Client  # noqa: PLC0415 -- after django.setup()

        from povertyaid.org.models import Staff  # noqa: PLC0415

        clients = {}
        for role in ("supervisor", "clerk", "approver", "administrator"):
            clients[role] = Client(HTTP_HOST="localhost")
            clients[role].force_login(
                Staff.objects.get(username=f"scale-{role}"), backend="povertyaid.roles.RoleBackend"
            )
        asked = [(label, "supervisor", address) for label, address in pages(clients["supervisor"])]
        asked += [(label, "clerk", address) for label, address in pages_of_pairs()]
        asked.append(("reviews that wait", "approver", "/households/reviews/"))
        asked.append(("audit trail", "approver", "/audit/"))
        asked.append(("staff", "administrator", "/staff/"))
        asked.append(("units", "administrator", "/units/"))
        asked.append(("programmes", "administrator", "/programmes/"))
        return [
            {"page": label, **timed(clients[role], address, rounds)}
            for label, role, address in asked
            if label.startswith(tuple(only.split(";")))
        ]
    finally:
        if started:
            cluster.stop()


def prepare(size: int) -> None:
    """An office of this size, unless it stands from the run before."""
    import django  # noqa: PLC0415 -- the office is named by the environment

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 -- after django.setup()
    from django.db import connection  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    from households.models import Household  # noqa: PLC0415

    if not Household.objects.exists():
        started = time.monotonic()
        call_command("seed_scale", households=size, stdout=sys.stderr)
        rate = size / (time.monotonic() - started)
        sys.stderr.write(f"{size} households planted, {rate:,.0f} a second\n")
    from households.actions import rules  # noqa: PLC0415
    from povertyaid.programmes.models import Programme  # noqa: PLC0415

    for programme in Programme.objects.all():
        rules.set_up(programme, rules.SIX, by=None)  # nothing where they stand
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            # So that a run just after planting reads as one the day after would.
            cursor.execute(f"VACUUM (ANALYZE) {connection.ops.quote_name(table)}")


def pages(client: Any) -> Iterator[tuple[str, str]]:
    """What a supervisor of the province asks for, with values that occur."""
    from households.models import Household, Member  # noqa: PLC0415 -- after django.setup()
    from povertyaid.org.models import OrgUnit  # noqa: PLC0415

    def middle(rows: Any) -> Any:
        return rows[rows.count() // 2]

    somebody = middle(Household.objects.order_by("code"))
    member = middle(Member.objects.exclude(relation="户主").order_by("pk"))
    county = middle(OrgUnit.objects.filter(level="county").order_by("path"))
    village = somebody.unit
    programme = somebody.enrolments.get().programme.code
    sound = somebody.head_pinyin
    households = {
        "all": "",
        "page 2": "page=2",
        "last page": "page=999999",
        "by name of the head": "sort=name",
        "by income, highest first": "sort=-income",
        "by year of exit": "sort=-exit",
        "of a county": f"unit={county.code}",
        "of a village": f"unit={village.code}",
        "of every programme": "programme=all",
        "state: being helped": "state=helping",
        "category: registered poor": "category=registered_poor",
        "cause: illness": "cause=illness",
        "left poverty in 2023": "exit_year=2023",
        "not helpable": "helpable=no",
        "file closed": "file=closed",
        "something missing": "missing=any",
        "cause missing": "missing=causes",
        "a county, helped, ill": f"unit={county.code}&state=helping&cause=illness",
        "every 清 full": f"clears=full&programme={programme}",
        "some 清 missing": f"clears=lacking&programme={programme}",
        "a 清 missing": f"clears={rule_asked()}&programme={programme}",
        "a 清 missing, of a county": f"clears={rule_asked()}&unit={county.code}&programme={programme}",
        "search: a head's name": f"q={somebody.head_name}",
        "search: a member's name": f"q={member.name}",
        "search: given name": f"q={somebody.head_name[1:]}",
        "search: pinyin": f"q={sound.replace(' ', '')}",
        "search: pinyin with spaces": f"q={sound}",
        "search: family name's pinyin": f"q={sound.split()[0]}",
        "search: initials": f"q={somebody.head_initials}",
        "search: two initials": f"q={somebody.head_initials[:2]}",
        "search: file number": f"q={somebody.code}",
        "search: nobody": "q=qqqq",
    }
    for label, query in households.items():
        yield f"households, {label}", f"/households/?{query}"
    found = client.post("/households/search/", {"q": member.id_number})
    yield "households, found by identity number", found.headers["Location"]
    yield "a household's file", f"/households/{somebody.pk}/"
    yield "its dossier and papers", f"/households/{somebody.pk}/papers/"
    yield "dossiers, those that lack most", "/households/dossiers/"
    yield "dossiers, of a county", f"/households/dossiers/?unit={county.code}"
    yield "dossiers, a 清 missing", f"/households/dossiers/?clears={rule_asked()}"
    yield "dossiers, by unit", "/households/dossiers/units/"
    yield "dossiers, by unit of a county", f"/households/dossiers/units/?unit={county.code}"
    yield "home", "/"


def pages_of_pairs() -> Iterator[tuple[str, str]]:
    """The ledger of pairs, as the clerk of the province sees it."""
    from django.db.models import Count  # noqa: PLC0415 -- after django.setup()

    from pairings.models import Helper, Pairing  # noqa: PLC0415
    from povertyaid.org.models import OrgUnit  # noqa: PLC0415

    pair = Pairing.objects.order_by("pk")[Pairing.objects.count() // 2]
    busiest = Helper.objects.annotate(n=Count("lines")).order_by("-n", "pk")[0]
    county = OrgUnit.objects.filter(level="county").order_by("path").first()
    for label, query in {
        "all": "",
        "page 2": "page=2",
        "last page": "page=999999",
        "of a county": f"unit={county.code}",
        "who was paired on a day": "on=2023-06-30",
        "ended": "state=ended",
        "whose helper left": "state=left",
        "mode 一帮一": "mode=one",
        "mode 二帮一": "mode=two",
        "mode 一帮多": "mode=one_for_many",
        "mode 单位帮一": "mode=unit",
        "mode 二帮一, of a county": f"unit={county.code}&mode=two",
        "mode 二帮一, on a day": "mode=two&on=2023-06-30",
        "search: a helper's name": f"q={busiest.name}",
        "search: initials": f"q={busiest.name_initials}",
    }.items():
        yield f"pairs, {label}", f"/pairings/?{query}"
    yield "a pair", f"/pairings/{pair.pk}/"
    for label, query in {
        "all": "",
        "last page": "page=999999",
        "without a household": "state=idle",
        "with too many households": "state=overloaded",
        "search: a name": f"q={busiest.name}",
    }.items():
        yield f"helpers, {label}", f"/pairings/helpers/?{query}"
    yield "a helper", f"/pairings/helpers/{busiest.pk}/"
    yield "households without a helper", "/pairings/unpaired/"
    yield "households without a helper, of a county", f"/pairings/unpaired/?unit={county.code}"


def rule_asked() -> int:
    """The 清 that asks who helps."""
    from households.models import DossierRule  # noqa: PLC0415 -- after django.setup()

    return DossierRule.objects.get(item__label="帮扶主体清").pk


def timed(client: Any, address: str, rounds: int) -> dict[str, Any]:
    """What one request costs: processor time of Python and of its database process, in ms."""
    from django.db import connection  # noqa: PLC0415 -- after django.setup()
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    status = client.get(address).status_code
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
        queries = len(captured)
    with connection.cursor() as cursor:
        # Parallel workers are other processes, whose time we would not see.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    walls, pythons, databases = [], [], []
    for _round in range(rounds):
        wall, python, database = time.perf_counter(), time.process_time(), on_processor(backend)
        client.get(address)
        walls.append(time.perf_counter() - wall)
        pythons.append(time.process_time() - python)
        databases.append(on_processor(backend) - database)
    return {
        "status": status,
        "queries": queries,
        "wall_ms": statistics.median(walls) * 1_000,
        "python_ms": statistics.median(pythons) * 1_000,
        "database_ms": statistics.median(databases) * 1_000,
    }


def on_processor(pid: int) -> float:
    """Seconds a process has run, to the nanosecond (Linux)."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def print_table(sizes: list[int], measured: list[list[dict[str, Any]]]) -> None:
    """A table for the README: milliseconds, of which database, and the ratio to the smallest."""
    heads = [f"{size:,} 户" for size in sizes]
    print("| page |", " | ".join(heads), "| queries |")  # noqa: T201 -- what the command is for
    print("|---|" + "---:|" * len(sizes) + "---:|")  # noqa: T201
    for rows in zip(*measured, strict=True):
        spent = [row["python_ms"] + row["database_ms"] for row in rows]
        cells = [
            f"{ms:.0f} ms ({row['database_ms']:.0f})"
            + (f" ×{ms / spent[0]:.1f}" if row is not rows[0] else "")
            + ("" if row["status"] == 200 else f" **{row['status']}**")
            for ms, row in zip(spent, rows, strict=True)
        ]
        counts = sorted({row["queries"] for row in rows})
        print(f"| {rows[0]['page']} |", " | ".join(cells), f"| {'…'.join(map(str, counts))} |")  # noqa: T201


if __name__ == "__main__":
    main()
