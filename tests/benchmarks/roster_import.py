"""How fast a roster of members goes in: reading to commit, and the same file once more.

    python -m tests.benchmarks.roster_import [--rows 10000,100000]

Each size gets an office of its own in a temporary folder and a process of its own for each of
the two imports. Times are processor time (Python and its database process together, the latter
in brackets), which a busy machine does not change as it changes the clock on the wall. The last
column compares the database's part with a bare COPY of the same cells in the same run.
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
from pathlib import Path
from typing import Any

MEASURE = "--measure"
HEADINGS = [
    "户编号", "乡镇", "行政村", "家庭住址", "户类型", "致贫原因", "家庭人口", "姓名", "与户主关系", "性别", "民族", "身份证号码",
    "出生日期", "健康状况", "劳动能力", "文化程度", "工作单位", "手机号码", "工资性收入(元)", "生产经营性收入(元)", "财产性收入(元)",
    "转移性收入(元)", "生产经营性支出(元)", "人均纯收入(元)", "识别时间", "帮扶责任人", "帮扶人电话", "开户银行", "银行账号", "备注",
]  # fmt: skip
FAMILY, GIVEN = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗",
    "伟芳娜敏静秀英丽强磊军洋勇艳杰娟涛明超霞平刚桂香兰玉华春梅",
)


def main() -> None:
    if MEASURE in sys.argv:
        json.dump(measure(Path(sys.argv[2])), sys.stdout)
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", default="10000,100000")
    print("| rows × 30 | import | | seconds | rows/s | MB | database : COPY |")  # noqa: T201 -- what the command is for
    print("|---:|---|---|---:|---:|---:|---:|")  # noqa: T201
    for rows in (int(n) for n in parser.parse_args().rows.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            for told in run(rows, Path(folder)):
                print(told, flush=True)  # noqa: T201


def run(rows: int, folder: Path) -> list[str]:
    """The two imports of one size as lines of the table."""
    roster = folder / "roster.xlsx"
    roster.write_bytes(make(rows))
    environment = os.environ | {"POVERTYAID_DATA": str(folder / "office")}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "tests.benchmarks.roster_import", MEASURE, str(roster)]
    lines = []
    for which in ("first", "again"):
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
        told = json.loads(done.stdout)
        spent = told["python"] + told["database"]
        ratio = f"{told['database'] / told['copy']:.1f}" if which == "first" else ""
        lines.append(
            f"| {rows:,} | {which} | {told['counts']} | {spent:.1f} ({told['database']:.1f}) "
            f"| {rows / spent:,.0f} | {told['memory']} | {ratio} |"
        )
    return lines


def make(rows: int) -> bytes:
    """An .xlsx of invented members; the county codes were never assigned."""
    import xlsxwriter  # noqa: PLC0415 -- only the parent process writes

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "povertyaid.settings")
    from povertyaid.lib.national_id import check_character  # noqa: PLC0415 -- asks the settings

    rng = random.Random(rows)  # noqa: S311 -- the same roster every time
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("花名册")
        sheet.write_row(0, 0, HEADINGS)
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


def measure(roster: Path) -> dict[str, Any]:
    """Import the file into this office and say what it cost."""
    from povertyaid import cluster  # noqa: PLC0415 -- the office is named by the environment

    os.environ["DJANGO_SETTINGS_MODULE"] = "povertyaid.settings"
    warnings.simplefilter("ignore")
    started = cluster.ensure_running()
    try:
        unit, programme = prepare()
        from django.db import connection  # noqa: PLC0415 -- after django.setup()

        from households.roster import importing  # noqa: PLC0415

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = cursor.fetchone()[0]
        python, database = time.process_time(), on_processor(backend)
        data = roster.read_bytes()
        prepared = importing.import_now(
            importing.readable(data), data, roster.name, unit=unit, programme=programme, by=None
        )
        counts = prepared.receipt()["counts"]
        told = {
            "python": time.process_time() - python,
            "database": on_processor(backend) - database,
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "counts": "、".join(f"{name} {n:,}" for name, n in counts.items() if n),
        }
        return told | {"copy": bare_copy(data, backend)}
    finally:
        if started:
            cluster.stop()


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


def bare_copy(data: bytes, backend: int) -> float:
    """What the database needs to take the same cells as text into a table without anything."""
    from django.db import connection, transaction  # noqa: PLC0415 -- after django.setup()

    from households.roster.core.sheet import read_sheets  # noqa: PLC0415

    rows = [[str(cell) for cell in row] for sheet in read_sheets(data) for row in sheet.rows]
    columns = ", ".join(f"c{n} text" for n in range(len(HEADINGS)))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare ({columns})")
        started = on_processor(backend)
        with cursor.copy("COPY bare FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        spent = on_processor(backend) - started
        transaction.set_rollback(True)
    return spent


def on_processor(pid: int) -> float:
    """Seconds a process has run, to the nanosecond (Linux)."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


if __name__ == "__main__":
    main()
