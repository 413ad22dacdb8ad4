"""What a column seems to hold, judged by its cells: a proposal for a heading that nobody knows."""

import datetime
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from households.roster.core import values
from households.roster.core.header import Column, Header
from households.roster.core.headings import Synonyms
from households.roster.core.sheet import Cell, Odd, is_blank, plain

LOOKED_AT = 200  # data rows that decide
SAMPLES = 3  # values shown beside a heading
LONGEST_SAMPLE = 40
MOST_OF = 0.6  # share of the filled cells that must have one shape
FEWEST = 2  # of a single cell nothing is concluded
BORN_BEFORE = 20  # years: most people of a roster are older, most events younger

ACCOUNT = re.compile(r"\d{16,19}", re.ASCII)
NAME = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]{2,4}|[\u4e00-\u9fff]+(?:·[\u4e00-\u9fff]+)+")
ETHNICITY = re.compile(r"[\u4e00-\u9fff]{1,5}族")
PLACE = re.compile(r"[\u4e00-\u9fff0-9]{1,12}(?:村|社区|乡|镇|街道|连|队|农场|管理区|分场|居委会)")
RELATION = re.compile(
    r"(?:长|次|三|独|之|养|继)?(?:子|女|父|母|妻|夫|孙子|孙女|儿媳|女婿|兄|弟|姐|妹)"
)
RELATIONS = frozenset(
    ["户主", "本人", "配偶", "丈夫", "妻子", "儿子", "女儿", "父亲", "母亲", "儿媳", "女婿", "孙子", "孙女", "其他"]
)  # fmt: skip
# The hundred commonest family names: four fifths of all people.
FAMILY_NAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A field that a column may hold. `because` is the shape that spoke for it."""

    field: str
    because: str


@dataclass(frozen=True, slots=True)
class Hints:
    """Words the office knows: names of its units, of categories and of causes."""

    units: Collection[str] = frozenset()
    categories: Collection[str] = frozenset()
    causes: Collection[str] = frozenset()


NO_HINTS = Hints()

#: Which field a shape speaks for. A date is decided by the years, an amount by its heading alone.
FIELD_OF = {
    "identity": "id_number",
    "phone": "phone",
    "account": "bank_account",
    "sex": "sex",
    "relation": "relation",
    "ethnicity": "ethnicity",
    "name": "name",
    "unit": "unit",
    "category": "category",
    "cause": "causes",
}


def propose(
    header: Header,
    rows: Sequence[list[Cell]],
    hints: Hints = NO_HINTS,
    synonyms: Synonyms | None = None,
) -> dict[int, Proposal]:
    """A proposal for each column without a field whose cells speak for one that is still free.

    Each field is proposed once, for the column that holds the most of it.
    """
    free = [
        column for column in header.columns if not column.field and not column.is_running_number
    ]
    found: list[tuple[int, int, Proposal]] = []
    for column in free:
        cells = [row[column.index] for row in rows if column.index < len(row)]
        proposal, n = _of_cells(cells, hints)
        if proposal is None and synonyms and any(not is_blank(cell) for cell in cells):
            proposal, n = _of_heading(column.heading, synonyms), 0
        if proposal and proposal.field not in header.fields:
            found.append((-n, column.index, proposal))
    proposals: dict[int, Proposal] = {}
    taken: set[str] = set()
    for _n, index, proposal in sorted(found, key=lambda one: one[:2]):
        if proposal.field not in taken:
            taken.add(proposal.field)
            proposals[index] = proposal
    return proposals


def _of_heading(heading: str, synonyms: Synonyms) -> Proposal | None:
    """The field of the longest known heading that stands in this one: 家庭人均纯收入（元/年）."""
    found = synonyms.within(heading.rpartition("/")[2])
    return Proposal(found, "heading") if found else None


def samples(column: Column, rows: Iterable[list[Cell]]) -> list[str]:
    """The first different values of a column, shortened: what a clerk recognises it by."""
    seen: dict[str, None] = {}
    for row in rows:
        text = values.as_text(row[column.index]) if column.index < len(row) else ""
        if text not in values.NOTHING:
            seen.setdefault(text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…")
        if len(seen) == SAMPLES:
            break
    return list(seen)


def _of_cells(cells: Iterable[Cell], hints: Hints) -> tuple[Proposal | None, int]:
    """What most of the filled cells are, and how many."""
    shapes: Counter[str] = Counter()
    years: list[int] = []
    filled = 0
    for cell in cells:
        if is_blank(cell) or isinstance(cell, Odd):
            continue
        filled += 1
        shape = _shape(cell, hints)
        shapes[shape] += 1
        if shape == "date":
            years.append(_year(cell))
    if filled < FEWEST or not shapes:
        return None, 0
    shape, n = shapes.most_common(1)[0]
    if n < filled * MOST_OF:
        return None, 0
    if shape == "date":
        middle = sorted(years)[len(years) // 2]
        is_birth = middle <= datetime.date.today().year - BORN_BEFORE  # noqa: DTZ011 -- a year is enough
        return Proposal("birth_date" if is_birth else "identified_on", shape), n
    field = FIELD_OF.get(shape)
    return (Proposal(field, shape), n) if field else (None, 0)


def _shape(cell: Cell, hints: Hints) -> str:
    if isinstance(cell, str):
        return _shape_of_text(plain(values.tidy(cell)), hints)
    if isinstance(cell, (datetime.date, datetime.datetime)):
        return "date"
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _shape_of_text(values.digits(cell), hints)
    return ""


def _shape_of_text(text: str, hints: Hints) -> str:
    # Words of the office first: a category may look like a name.
    if text in hints.categories:
        return "category"
    if text in hints.units:
        return "unit"
    if hints.causes and all(part in hints.causes for part in values.CAUSE_MARKS.split(text)):
        return "cause"
    return _plain_shape(text)


@lru_cache(maxsize=4096)
def _plain_shape(text: str) -> str:
    if text in ("男", "女"):
        return "sex"
    if text in RELATIONS or RELATION.fullmatch(text):
        return "relation"
    if ETHNICITY.fullmatch(text):
        return "ethnicity"
    if PLACE.fullmatch(text):
        return "unit"
    number = values.clean_identity(text)
    if values.EIGHTEEN.fullmatch(number) or values.CERTIFICATE.fullmatch(number):
        return "identity"
    digits = re.sub(r"[\s-]", "", text)
    if values.PHONE.fullmatch(digits):
        return "phone"
    if ACCOUNT.fullmatch(digits):
        return "account"
    if _is_name(text):
        return "name"
    if _year(text):
        return "date"
    return "amount" if values.is_number(text) else ""


def _is_name(text: str) -> bool:
    name = values.name(text)
    return bool(NAME.fullmatch(name)) and (name[0] in FAMILY_NAMES or "·" in name)


DATE = re.compile(
    r"(19|20)(\d\d)(?:[年./-]\d{1,2}(?:[月./-](?:\d{1,2}日?)?)?|(?:0[1-9]|1[0-2])(?:[0-3]\d)?)"
)


def _year(cell: Cell) -> int:
    """The year of a date, or 0."""
    if isinstance(cell, (datetime.date, datetime.datetime)):
        return cell.year
    match = DATE.fullmatch(plain(values.tidy(cell))) if isinstance(cell, str) else None
    return int(match[1] + match[2]) if match else 0
