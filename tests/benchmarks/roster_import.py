"""How fast a roster of members goes in: reading to commit, and the same file once more.

    python -m tests.benchmarks.roster_import [--rows 10000,100000] [--on-file 0] [--helpers] [--explain]
    python -m tests.benchmarks.roster_import --rows 100000 --without

Each size gets an office of its own in a temporary folder and a process of its own for each of
the two imports; `--on-file` plants so many households of other offices in it before. The column
of seconds is processor time (Python and its database process together, the latter in brackets),
which a busy machine does not change as it changes the clock on the wall; that clock stands
beside it, and rows/s are of the former. MB is the most that the importing process held. The
receipt that a command may print afterwards is not part of an import. With `--helpers` two columns name
who helps, so that every family is paired as well: some thirty thousand helpers and pairs more.

The last two columns compare the database's part with a bare COPY in the same run: the same cells
as text, from the same client, into one table without key, index, constraint or history.
`processor` is what the database process ran; `clock` is what the client spent in feeding rows
and in waiting for statements, the commit among them.

They do not come down to 3 while an import leaves what it must. The COPY writes one row for a row
of the file. The import writes six (member, event, claim, line, and two fifths of household,
enrolment, income and their events), and for them keeps some thirty index entries, checks some
seventeen conditions and looks four foreign keys up. `--explain` says where the time went;
`--without` leaves history, foreign keys, conditions and indexes out of
offices made for it, one after the other, and says what each of them costs.
"""

import argparse
import io
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MEASURE, PLANT = "--measure", "--plant"
# What `--without` leaves out, each besides those before it, and the statements that write it.
TABLES = "SELECT oid FROM pg_class WHERE relkind = 'r' AND relname LIKE 'households!_%' ESCAPE '!'"
LEFT_OUT = {
    "history": f"""
        SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname)
          FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN ({TABLES})""",
    "foreign keys": f"""
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
          FROM pg_constraint WHERE contype = 'f' AND conrelid IN ({TABLES})""",
    "conditions": f"""
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
          FROM pg_constraint WHERE contype = 'c' AND conrelid IN ({TABLES})""",
    # Those stay by which a statement knows what is there already.
    "indexes": f"""
        SELECT format('DROP INDEX %s', indexrelid::regclass)
          FROM pg_index WHERE NOT indisunique AND indrelid IN ({TABLES})""",
}  # fmt: skip
HEADINGS = [
    "户编号", "乡镇", "行政村", "家庭住址", "户类型", "致贫原因", "家庭人口", "姓名", "与户主关系", "性别", "民族", "身份证号码",
    "出生日期", "健康状况", "劳动能力", "文化程度", "工作单位", "手机号码", "工资性收入(元)", "生产经营性收入(元)", "财产性收入(元)",
    "转移性收入(元)", "生产经营性支出(元)", "人均纯收入(元)", "识别时间", "帮扶责任人", "帮扶人电话", "开户银行", "银行账号", "备注",
]  # fmt: skip
# What the two columns are called where they name nobody who helps.
WITHOUT_HELPERS = {"帮扶责任人": "工作状态", "帮扶人电话": "户联系电话"}
FAMILY, GIVEN = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗",
    "伟芳娜敏静秀英丽强磊军洋勇艳杰娟涛明超霞平刚桂香兰玉华春梅",
)


def main() -> None:
    if MEASURE in sys.argv:
        json.dump(measure(Path(sys.argv[2]), sys.argv[3:]), sys.stdout)
        return
    if PLANT in sys.argv:
        plant(int(sys.argv[2]))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", default="10000,100000")
    parser.add_argument("--on-file", type=int, default=0, help="households of other offices")
    parser.add_argument("--helpers", action="store_true", help="columns that name who helps")
    parser.add_argument("--explain", action="store_true", help="where the time went")
    parser.add_argument("--without", action="store_true", help="what history, keys … each cost")
    asked = parser.parse_args()
    if asked.without:
        for rows in (int(n) for n in asked.rows.split(",")):
            take_apart(rows)
        return
    tell(
        "| rows × 30 | on file | import | | seconds | wall | rows/s | MB | database : COPY | clock |"
    )
    tell("|---:|---:|---|---|---:|---:|---:|---:|---:|---:|")
    for rows in (int(n) for n in asked.rows.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            parts = list(run(rows, Path(folder), asked.on_file, helpers=asked.helpers))
        if asked.explain:
            explain(parts)


def tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 -- what the command is for


def run(rows: int, folder: Path, on_file: int, *, helpers: bool) -> Iterator[dict[str, Any]]:
    """The two imports of one size; each is told as a line of the table."""
    roster = folder / "roster.xlsx"
    roster.write_bytes(make(rows, helpers=helpers))
    environment = os.environ | {"POVERTYAID_DATA": str(folder / "office")}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "tests.benchmarks.roster_import"]
    if on_file:
        subprocess.run([*command, PLANT, str(on_file)], env=environment, check=True)
    for which in ("first", "again"):
        done = subprocess.run(
            [*command, MEASURE, str(roster)], env=environment, check=True, stdout=subprocess.PIPE
        )
        told = json.loads(done.stdout)
        spent = told["python"] + told["database"]
        ratios = [
            f"{told[part] / told[f'copy_{part}']:.1f}" if which == "first" else ""
            for part in ("database", "waited")
        ]
        tell(
            f"| {rows:,} | {on_file:,} | {which} | {told['counts']} "
            f"| {spent:.1f} ({told['database']:.1f}) | {told['wall']:.1f} | {rows / spent:,.0f} "
            f"| {told['memory']} | {' | '.join(ratios)} |"
        )
        yield told | {"which": f"{rows:,} {which}"}


def take_apart(rows: int) -> None:
    """The first import of one size, each time with less to be kept by the database."""
    tell("| rows × 30 | without | database | waited | database : COPY | clock |")
    tell("|---:|---|---:|---:|---:|---:|")
    names = list(LEFT_OUT)
    for n in range(len(names) + 1):
        with tempfile.TemporaryDirectory() as folder:
            roster = Path(folder) / "roster.xlsx"
            roster.write_bytes(make(rows))
            environment = os.environ | {"POVERTYAID_DATA": str(Path(folder) / "office")}
            environment.pop("DATABASE_URL", None)
            command = [sys.executable, "-m", "tests.benchmarks.roster_import", MEASURE]
            done = subprocess.run(
                [*command, str(roster), *names[:n]],
                env=environment, check=True, stdout=subprocess.PIPE,
            )  # fmt: skip
        told = json.loads(done.stdout)
        ratios = [f"{told[part] / told[f'copy_{part}']:.1f}" for part in ("database", "waited")]
        tell(
            f"| {rows:,} | {names[n - 1] if n else 'nothing'} | {told['database']:.1f} "
            f"| {told['waited']:.1f} | {' | '.join(ratios)} |"
        )


def leave_out(names: list[str]) -> None:
    """Take from this office what its database is not to keep."""
    from django.db import connection  # noqa: PLC0415 -- after django.setup()

    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(LEFT_OUT[name])
            for (statement,) in cursor.fetchall():
                cursor.execute(statement)


def explain(imports: list[dict[str, Any]]) -> None:
    """The dearest steps of Python and statements of the database, in seconds of processor time."""
    for told in imports:
        tell(f"\n{told['which']}: Python {told['python']:.1f} s")
        for step, seconds in told["steps"]:
            tell(f"  {seconds:6.2f}  {step}")
        tell(f"database {told['database']:.1f} s")
        for statement, seconds in told["statements"]:
            tell(f"  {seconds:6.2f}  {statement}")


def make(rows: int, *, helpers: bool = False) -> bytes:
    """An .xlsx of invented members; the county codes were never assigned."""
    import xlsxwriter  # noqa: PLC0415 -- only the parent process writes

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "povertyaid.settings")
    from povertyaid.lib.national_id import check_character  # noqa: PLC0415 -- asks the settings

    rng = random.Random(rows)  # noqa: S311 -- the same roster every time
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("花名册")
        sheet.write_row(0, 0, HEADINGS if helpers else map(WITHOUT_HELPERS.get, HEADINGS, HEADINGS))
        family, left = 0, 0
        for n in range(1, rows + 1):
            if left == 0:
                family, left = family + 1, min(rng.choice([1, 2, 2, 3, 3, 4]), rows - n + 1)
                size, name = left, rng.choice(FAMILY)
                house = [
                    f"23991{family:08d}", f"{family % 12}乡", f"{family % 97}村", f"{family % 97}村{family}号",
                    rng.choice(["脱贫户", "边缘易致贫户"]), rng.choice(["因病", "因学、因残", "缺技术"]), size,
                ]  # fmt: skip
                tail = [
                    str(rng.randrange(30_000)), rng.randrange(9_000), 0, rng.randrange(3_000),
                    rng.randrange(500), rng.randrange(1_000, 9_000), "201712",
                    rng.choice(FAMILY) + rng.choice(GIVEN), f"154{rng.randrange(10**8):08d}", "农业银行",
                    f"63{rng.randrange(10**17):017d}", "",
                ]  # fmt: skip
            place, left = size - left, left - 1
            born = f"{1940 + n % 70}{n // 70 % 12 + 1:02d}{n // 840 % 28 + 1:02d}"
            first = f"2399{10 + n // 23_520 % 80:02d}{born}{n // 23_520 // 80 * 2 + place % 2 + 100:03d}"
            person = [
                name + rng.choice(GIVEN) + rng.choice(GIVEN), ["户主", "配偶", "之子", "之女"][place],
                "女男"[int(first[16]) % 2], "汉族", first + check_character(first), f"{born[:4]}-{born[4:6]}-{born[6:]}",
                rng.choice(["健康", "残疾"]), "普通劳动力", "小学", "个体", f"154{rng.randrange(10**8):08d}",
            ]  # fmt: skip
            sheet.write_row(n, 0, house + person + tail)
    return stream.getvalue()


def measure(roster: Path, without: list[str]) -> dict[str, Any]:
    """Import the file into this office and say what it cost."""
    with office():
        unit, programme = prepare()
        leave_out(without)
        from django.db import connection  # noqa: PLC0415 -- after django.setup()

        from households.roster import importing  # noqa: PLC0415
        from households.roster.core.receipt import summary  # noqa: PLC0415

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = cursor.fetchone()[0]
        meter = Meter(backend)
        with meter.running():
            wall, python, database = time.perf_counter(), time.process_time(), on_processor(backend)
            data = roster.read_bytes()
            prepared = importing.import_now(
                importing.readable(data), data, roster.name, unit=unit, programme=programme, by=None
            )
            told = {
                "wall": time.perf_counter() - wall,
                "python": time.process_time() - python,
                "database": on_processor(backend) - database,
                "waited": meter.waited,
                "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        rest = told["database"] - meter.statements.total()
        meter.statements["the commit, with the foreign keys that wait for it; the rest"] = rest
        counts = summary(prepared.reading, prepared.plan)["counts"]
        told |= {
            "counts": "、".join(f"{name} {n:,}" for name, n in counts.items() if n),
            "steps": meter.steps.most_common(),
            "statements": meter.statements.most_common(14),
        }
        return told | bare_copy(data, backend)


class Meter:
    """What an import spends where: the client's waiting, Python's steps, the server's statements."""

    def __init__(self, backend: int) -> None:
        self.backend = backend
        self.waited = 0.0
        self.steps: Counter[str] = Counter()
        self.statements: Counter[str] = Counter()
        self.depth = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        import psycopg  # noqa: PLC0415 -- only the measuring process
        from django.db import connection  # noqa: PLC0415 -- after django.setup()

        from households.roster import importing, lines, stored, writing  # noqa: PLC0415

        replaced = [
            (psycopg.Connection, "wait", self.waiting),
            (psycopg.Copy, "write_row", self.waiting),
            (psycopg.Cursor, "copy", self.copying),
            (psycopg.Cursor, "stream", self.streaming),
            (importing, "read", self.step("reading the file")),
            (stored, "load", self.step("loading what is on file")),
            (importing, "reconcile", self.step("comparing")),
            (lines, "write", self.step("the lines of the preview")),
            (writing, "write", self.step("writing")),
        ]
        before = [(where, name, getattr(where, name)) for where, name, _with in replaced]
        for (where, name, wrapped), (_where, _name, old) in zip(replaced, before, strict=True):
            setattr(where, name, wrapped(old))
        try:
            with connection.execute_wrapper(self.executing):
                yield
        finally:
            for where, name, old in before:
                setattr(where, name, old)

    def waiting(self, function: Any) -> Any:
        def timed(*args: Any, **kwargs: Any) -> Any:
            if self.depth:
                return function(*args, **kwargs)
            self.depth, started = 1, time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.depth = 0
                self.waited += time.perf_counter() - started

        return timed

    def step(self, name: str) -> Any:
        def wrap(function: Any) -> Any:
            def timed(*args: Any, **kwargs: Any) -> Any:
                started = time.process_time()
                try:
                    return function(*args, **kwargs)
                finally:
                    self.steps[name] += time.process_time() - started

            return timed

        return wrap

    @contextmanager
    def statement(self, sql: Any) -> Iterator[None]:
        started = on_processor(self.backend)
        try:
            yield
        finally:
            name = " ".join(str(sql).split())[:72]
            self.statements[name] += on_processor(self.backend) - started

    def executing(self, execute: Any, sql: Any, *rest: Any) -> Any:
        with self.statement(sql):
            return execute(sql, *rest)

    def copying(self, function: Any) -> Any:
        @contextmanager
        def timed(cursor: Any, sql: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
            with self.statement(sql), function(cursor, sql, *args, **kwargs) as copy:
                yield copy

        return timed

    def streaming(self, function: Any) -> Any:
        def timed(cursor: Any, sql: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
            with self.statement(sql):
                yield from function(cursor, sql, *args, **kwargs)

        return timed


@contextmanager
def office() -> Iterator[None]:
    """The database of the office that the environment names."""
    from povertyaid import cluster  # noqa: PLC0415 -- the office is named by the environment

    os.environ["DJANGO_SETTINGS_MODULE"] = "povertyaid.settings"
    warnings.simplefilter("ignore")
    started = cluster.ensure_running()
    try:
        yield
    finally:
        if started:
            cluster.stop()


def plant(households: int) -> None:
    """Households of other offices, as if they had long been there."""
    with office():
        prepare()
        from django.core.management import call_command  # noqa: PLC0415 -- after django.setup()
        from django.db import connection  # noqa: PLC0415

        call_command("seed_scale", households=households, stdout=sys.stderr)
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"VACUUM (ANALYZE) {connection.ops.quote_name(table)}")


def prepare() -> tuple[Any, Any]:
    """A unit and a programme to import into."""
    import datetime  # noqa: PLC0415 -- only here

    import django  # noqa: PLC0415 -- the office is named by the environment

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 -- after django.setup()

    call_command("migrate", verbosity=0)
    from povertyaid.org.models import OrgUnit  # noqa: PLC0415
    from povertyaid.programmes.models import Programme  # noqa: PLC0415

    unit, _new = OrgUnit.objects.get_or_create(
        code="BENCH", defaults={"name": "测量县", "kind": "county", "path": "/BENCH/"}
    )
    programme, _new = Programme.objects.get_or_create(
        code="BENCH",
        defaults={"name": "测量", "lead_unit": unit, "starts_on": datetime.date(2020, 1, 1)},
    )
    return unit, programme


def bare_copy(data: bytes, backend: int) -> dict[str, float]:
    """What it takes to copy the same cells as text into a table without anything."""
    from django.db import connection, transaction  # noqa: PLC0415 -- after django.setup()

    from households.roster.core.sheet import read_sheets  # noqa: PLC0415

    rows = [[str(cell) for cell in row] for sheet in read_sheets(data) for row in sheet.rows]
    columns = ", ".join(f"c{n} text" for n in range(len(HEADINGS)))
    meter = Meter(backend)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare ({columns})")
        started = on_processor(backend)
        with meter.running(), cursor.copy("COPY bare FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        spent = on_processor(backend) - started
        transaction.set_rollback(True)
    return {"copy_database": spent, "copy_waited": meter.waited}


def on_processor(pid: int) -> float:
    """Seconds a process has run, to the nanosecond (Linux)."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


if __name__ == "__main__":
    main()
