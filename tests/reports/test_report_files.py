"""One paper as JSON, HTML, PDF and workbook: four files that agree with one another and the page."""

import datetime
import io
import json
import re

import openpyxl
import pytest
from django.urls import reverse
from pypdf import PdfReader

from povertyaid.audit.models import Entry
from reports.figures.cut import cut_of
from reports.figures.indicator import Figure
from reports.papers import as_json, as_pdf, as_workbook
from reports.papers.exit import build
from reports.templatetags.papers import fitted, side_by_side, title_lines
from tests import factories
from tests.reports.conftest import family, out

DAY = datetime.date


def file_url(file_format):
    return reverse("reports:paper-file", args=["exit", file_format])


@pytest.fixture
def paper(cut, hillside, bureau):
    """A paper with everything a layout must bear: a deep tree, a rare name, targets, lists."""
    zone = factories.OrgUnitFactory(parent=hillside, name="靠山农场第一管理区")
    family(zone, cut.programme, name="𬭎㛃䶮", before=3000, after=9000, **out(DAY(2012, 1, 1)))
    factories.TargetFactory(programme=cut.programme, code="T1", params={"helpable": 1})
    factories.SchemeItemFactory(programme=cut.programme, list_name="六富", label="富民之路")
    bureau.head, bureau.phone = "贺书记", "0451-5500000"
    bureau.save()
    return build(cut_of(cut.programme), issued_by="填报人小林", names_at_most=50)


# --- JSON -----------------------------------------------------------------------------------------


def test_json_has_exactly_the_promised_shape(paper):
    answer = json.loads(as_json.as_bytes(paper))

    assert list(answer) == ["paper", "programme", "unit", "as_of", "figures"]
    assert [answer[key] for key in ("paper", "programme", "unit", "as_of")] == [
        "exit", "P1", "B", "2013-12-10",
    ]  # fmt: skip
    for figure in answer["figures"]:
        assert list(figure) == ["code", "label", "value", "unit", "rows", "note"]
        assert figure["value"] is None or isinstance(figure["value"], int | float)
        assert isinstance(figure["rows"], int)
    found = {figure["code"]: figure for figure in answer["figures"]}
    assert found["C.enrolled.poor.households"] == {
        "code": "C.enrolled.poor.households",
        "label": "困难户 · 建档",
        "value": 5,
        "unit": "户",
        "rows": 5,
        "note": "",
    }
    assert len(found) == len(answer["figures"])


def test_codes_do_not_depend_on_the_reader_s_language(paper, cut, settings):
    settings.LANGUAGE_CODE = "en"

    again = build(cut_of(cut.programme))

    assert [one.code for one in again.figures()] == [one.code for one in paper.figures()]


# --- HTML and PDF ---------------------------------------------------------------------------------


def cells_of(html):
    """The text of every table cell and sentence, without its tags."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "|", html))


def test_the_printed_sheet_stands_by_itself(paper):
    html = as_pdf.as_html(paper)

    assert "<link" not in html
    assert "<script" not in html
    assert "href=" not in html
    assert "填报单位（盖章）：哈东管理局" in html
    assert all(one in html for one in ("单位负责人", "审核人", "填报人小林", "0451-5500000"))
    assert "（截至2013年12月10日）" in html


def test_every_figure_of_a_table_stands_on_the_sheet(paper):
    cells = cells_of(as_pdf.as_html(paper))

    for table in paper.tables():
        for row in table.rows:
            shown = [
                f"{cell.text}{cell.measure}" if column.is_mixed else cell.text
                for column, cell in zip(table.columns[1:], row.cells, strict=True)
                if isinstance(cell, Figure)
            ]
            assert "|".join(shown).replace("|", "||") in cells


def test_a_pdf_is_paper_of_an_office(cut, hillside, paper):
    """Real text, fonts inside that know every name, numbered pages, tables that say their name."""
    for nth in range(34):
        family(
            factories.OrgUnitFactory(parent=hillside, name=f"第{nth}队"), cut.programme, name="某",
            persons=1,
        )  # fmt: skip
    paper = build(cut_of(cut.programme), names_at_most=50)
    reader = PdfReader(io.BytesIO(as_pdf.as_bytes(paper)))

    texts = [page.extract_text() for page in reader.pages]
    text = "".join(texts)
    for nth, said in enumerate(texts, start=1):
        assert re.search(rf"—\s*{nth}\s*—", said)
    units = [re.search(r"第\d+队", said) is not None for said in texts]
    assert sum(units) > 1
    assert ["分单位退出情况" in said for said in texts] == units
    assert "脱贫退出汇总表" in text
    assert "𬭎㛃䶮" in text
    assert "临江农场" in text
    for page in reader.pages:
        width, height = (float(side) / 72 * 25.4 for side in page.mediabox[2:])
        assert (round(width), round(height)) == (210, 297)
        for font in page["/Resources"]["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            assert "/FontFile3" in descendant["/FontDescriptor"].get_object()


def test_a_value_stands_with_its_unit_where_each_row_has_its_own(client, supervisor, paper):
    """目标值 100% beside 完成值 100.00%: on the page, on paper and in the workbook."""
    client.force_login(supervisor)
    value = next(one for one in paper.figures() if one.code == "B.T1.value")
    page = client.get(reverse("reports:paper", args=["exit"]), {"programme": "P1"})

    assert f">{value.text}</a>%</td>" in page.content.decode()
    assert f">{value.text}%</td>" in as_pdf.as_html(paper)
    cell = next(
        row[3] for row in sheets(paper)["目标与完成值"].iter_rows() if "T1" in str(row[0].value)
    )
    assert cell.value == float(value.value)
    assert cell.number_format.endswith('"%"')


def test_short_facts_share_a_line():
    short, long = ("轮次", ("第2轮",)), ("六富", ("2项：富民之路；高扬富民主旋；谱写富民之歌",))
    day = ("截至日", (DAY(2013, 12, 10),))

    assert side_by_side([short, day, short, long, day]) == [[short, day], [short], [long], [day]]


def test_a_pdf_from_the_page_leads_from_each_figure_to_its_rows(paper):
    body = as_pdf.as_bytes(paper, base_url="http://office.example/")
    reader = PdfReader(io.BytesIO(body))

    links = {
        note.get_object()["/A"]["/URI"] for page in reader.pages for note in page.get("/Annots", ())
    }
    wanted = paper.figures()[-1].url
    assert f"http://office.example{wanted}" in links


@pytest.mark.parametrize(
    ("name", "lead", "lines"),
    [
        pytest.param("精准脱贫攻坚", "红卫农场", ["精准脱贫攻坚"], id="short enough"),
        pytest.param(
            "黑龙江农垦哈尔滨管理局“一帮一”职工共同富裕行动",
            "黑龙江农垦哈尔滨管理局",
            ["黑龙江农垦哈尔滨管理局", "“一帮一”职工共同富裕行动"],
            id="after the lead unit",
        ),
        pytest.param("甲" * 30, "乙", ["甲" * 15, "甲" * 15], id="else in halves"),
    ],
)
def test_a_long_title_breaks_where_a_reader_would_pause(name, lead, lines):
    assert title_lines(name, lead) == lines


def test_heads_break_into_lines_of_one_length(paper):
    by_unit = next(one for one in paper.tables() if one.key == "by_unit")
    heads = {column.key: str(fitted(column, by_unit)) for column in by_unit.columns}

    assert heads["people"] == "家庭<br>人口"
    assert heads["exited"] == "已退出"
    assert heads["unit"] == "单位"
    assert '<th scope="col">帮扶前<br>人均<br>(元)</th>' in as_pdf.as_html(paper)


# --- workbook -------------------------------------------------------------------------------------


def sheets(paper, **options):
    return openpyxl.load_workbook(io.BytesIO(as_workbook.as_bytes(paper)), **options)


def line_of(sheet, label):
    return next(row for row in sheet.iter_rows(values_only=True) if row[0] == label)


def test_the_workbook_says_what_the_paper_says_in_numbers(paper):
    book = sheets(paper, data_only=True)

    for table in paper.tables():
        sheet = book[table.caption]
        for row in table.rows:
            written = next(
                line
                for line in sheet.iter_rows(values_only=True)
                if line[0] == row.label
                and all(
                    not isinstance(cell, Figure)
                    or cell.text == "—"
                    or line[nth] == float(cell.value)
                    for nth, cell in enumerate(row.cells, start=1)
                )
            )
            for cell, value in zip(row.cells, written[1:], strict=False):
                if isinstance(cell, Figure) and cell.value is not None:
                    assert isinstance(value, int | float)


def test_totals_in_the_workbook_are_formulas(paper):
    by_category = sheets(paper)["按类别退出情况"]
    by_unit = sheets(paper)["分单位退出情况"]

    total = line_of(by_category, "合计")
    assert total[1].startswith("=SUM(B")
    assert "MIN(99.99" in total[7]
    assert re.fullmatch(r"=SUM\(B\d+:B\d+\)", line_of(by_unit, "靠山农场")[1])
    # The two farms do not stand one below the other: the first has lines of its own between.
    assert re.fullmatch(r"=B\d+\+B\d+", line_of(by_unit, "合计")[1])


def test_formulas_give_what_the_figures_say(paper):
    """Worked out by hand as a spreadsheet would: sums of the cells that the formula names."""
    formulas, values = sheets(paper), sheets(paper, data_only=True)
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("=SUM("):
                    first, last = cell.value[5:-1].split(":")
                    parts = [one[0].value for one in values[sheet.title][f"{first}:{last}"]]
                elif isinstance(cell.value, str) and re.fullmatch(
                    r"=[A-Z]+\d+(\+[A-Z]+\d+)+", cell.value
                ):
                    parts = [values[sheet.title][one].value for one in cell.value[1:].split("+")]
                else:
                    continue
                assert values[sheet.title][cell.coordinate].value == sum(parts)


def test_codes_and_days_in_the_workbook_keep_their_nature(paper):
    book = sheets(paper, data_only=True)

    targets = line_of(book["目标与完成值"], "T1　可帮扶户全部脱困脱低")
    assert targets[1].date() == DAY(2013, 12, 31)
    figures = list(book["指标数据"].iter_rows(min_row=5, values_only=True))
    of_paper = paper.figures()
    assert [row[0] for row in figures] == [figure.code for figure in of_paper]
    assert [row[4] for row in figures] == [figure.row_count for figure in of_paper]
    names = list(book["退出户名册"].iter_rows(min_row=5, values_only=True))
    assert names[0][1] == "早脱贫"
    assert isinstance(names[0][5], int | float)


def test_names_left_out_of_the_workbook_are_counted(cut):
    names = sheets(build(cut, names_at_most=1))["退出户名册"]

    assert [row[0] for row in names.iter_rows(min_row=5, values_only=True)] == [
        1,
        "另有 2 户未列出。",
    ]


def test_each_sheet_is_set_up_for_a4(paper):
    for sheet in sheets(paper):
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet["A2"].value.startswith("职工共同富裕行动")


# --- all together, through the page ---------------------------------------------------------------


def test_page_json_workbook_and_pdf_agree(client, supervisor, paper):
    client.force_login(supervisor)
    asked = {"programme": "P1", "unit": "B"}

    page = cells_of(client.get(reverse("reports:paper", args=["exit"]), asked).content.decode())
    answer = json.loads(client.get(file_url("json"), asked).content)
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(file_url("xlsx"), asked).content), data_only=True
    )
    pdf = PdfReader(io.BytesIO(client.get(file_url("pdf"), asked).content))

    of_book = {row[0]: row[2] for row in book["指标数据"].iter_rows(min_row=5, values_only=True)}
    text = re.sub(r"\s+", "", "".join(one.extract_text() for one in pdf.pages))
    texts = {figure.code: figure.text for figure in paper.figures()}
    assert {one["code"] for one in answer["figures"]} == set(of_book) == set(texts)
    for figure in answer["figures"]:
        assert of_book[figure["code"]] == ("—" if figure["value"] is None else figure["value"])
        assert f"|{texts[figure['code']]}|" in page
        assert texts[figure["code"]] in text


@pytest.mark.parametrize(
    ("file_format", "mime", "begins", "shown"),
    [
        ("pdf", "application/pdf", b"%PDF-", "inline"),
        ("xlsx", as_workbook.MIME, b"PK", "attachment"),
        ("json", "application/json", b"{", "attachment"),
    ],
)
def test_a_file_has_a_name_an_office_can_keep_and_leaves_a_trace(
    client, supervisor, work, file_format, mime, begins, shown
):
    client.force_login(supervisor)

    response = client.get(file_url(file_format), {"programme": "P1", "unit": "B-RIV"})

    assert response["Content-Type"] == mime
    assert response.content.startswith(begins)
    assert response["Content-Disposition"].startswith(f"{shown}; filename*=UTF-8''%E8%84%B1")
    assert response["Content-Disposition"].endswith(f"2013-12-10.{file_format}")
    entry = Entry.objects.get(deed="report_printed")
    assert (entry.by, entry.target_code, entry.unit_path) == (supervisor, "B-RIV", "/B/B-RIV/")
    assert entry.detail == {
        "paper": "exit", "programme": "P1", "as_of": "2013-12-10", "format": file_format,
    }  # fmt: skip


def test_a_paper_is_chinese_whatever_language_its_reader_works_in(client, supervisor, work):
    client.force_login(supervisor)
    client.cookies["django_language"] = "en"

    page = client.get(reverse("reports:paper", args=["exit"]))
    answer = client.get(file_url("json")).json()

    assert "Exits by category" in page.content.decode()
    assert answer["figures"][-1]["label"].endswith("退出时人均")


def test_an_administrator_s_files_name_no_family(client, administrator, paper):
    client.force_login(administrator)

    book = openpyxl.load_workbook(io.BytesIO(client.get(file_url("xlsx")).content))

    assert "退出户名册" not in book.sheetnames
    assert "早脱贫" not in as_pdf.as_html(build(paper.cut))


def test_a_clerk_s_files_hold_nothing_of_the_next_farm(client, clerk, paper):
    client.force_login(clerk)

    answer = client.get(file_url("json")).content.decode()
    book = openpyxl.load_workbook(io.BytesIO(client.get(file_url("xlsx")).content))
    everything = answer + "".join(
        str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row
    )

    assert "早脱贫" in everything
    assert "靠山" not in everything
    assert "低收入 " not in everything
    assert "B-HIL" not in everything
