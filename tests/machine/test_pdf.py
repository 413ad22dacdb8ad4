"""Papers: Chinese fonts inside, every name readable, nothing fetched, the same bytes each time."""

import io

import pypdf
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTFont

from povertyaid import fonts
from povertyaid.web import pdf

RARE = "㛃䶮𬭎"
PAPER = f"""<html lang="zh-Hans"><style>body {{ font-family: FangSong, serif }} h1 {{ font-family: SimHei }}
</style><h1>脱贫退出汇总</h1><p>户主 {RARE} 张三丰 <a href="/households/1/">档案</a></p></html>"""


def read(data):
    return pypdf.PdfReader(io.BytesIO(data))


def embedded_fonts(data):
    """{PostScript name without the subset tag: the font file inside the PDF}"""
    found = {}
    for page in read(data).pages:
        for reference in page["/Resources"]["/Font"].values():
            font = reference.get_object()["/DescendantFonts"][0].get_object()
            program = font["/FontDescriptor"]["/FontFile3"].get_object().get_data()
            found[font["/BaseFont"].partition("+")[2]] = program
    return found


def draws(program, character):
    """Whether the embedded font has an outline for a character of Noto Serif SC."""
    with TTFont(fonts.base_fonts_folder() / "NotoSerifSC-Regular.otf", lazy=True) as whole:
        glyph = whole.getGlyphID(whole.getBestCmap()[ord(character)])
    subset = TTFont(io.BytesIO(program))
    glyphs = subset["CFF "].cff.topDictIndex[0].CharStrings.charStringsIndex
    pen = BoundsPen(None)
    glyphs[glyph].draw(pen)
    return pen.bounds is not None


def test_a_paper_has_real_text_and_embedded_chinese_fonts():
    paper = pdf.render_pdf(PAPER)

    text = read(paper).pages[0].extract_text()
    assert "脱贫退出汇总" in text
    assert "张三丰" in text
    assert set(embedded_fonts(paper)) == {"Noto-Sans-SC", "Noto-Serif-SC"}
    assert len(paper) < 300_000, "only the characters used are embedded"


def test_a_rare_character_of_a_name_is_drawn_and_can_be_copied():
    paper = pdf.render_pdf(PAPER)

    assert RARE in read(paper).pages[0].extract_text()
    serif = embedded_fonts(paper)["Noto-Serif-SC"]
    assert all(draws(serif, character) for character in RARE)


def test_the_same_page_gives_the_same_bytes():
    assert pdf.render_pdf(PAPER) == pdf.render_pdf(PAPER)


def test_a_link_on_paper_leads_to_the_application():
    paper = read(pdf.render_pdf(PAPER, base_url="https://office.example/reports/7/"))

    links = [note.get_object()["/A"]["/URI"] for note in paper.pages[0]["/Annots"]]
    assert links == ["https://office.example/households/1/"]


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/seal.png",
        "https://office.example/static/app/favicon.svg",
        "//office.example/x.png",
        "ftp://office.example/x.png",
        "file:///etc/passwd",
        "/static/../../manage.py",
        "/static/%2e%2e/%2e%2e/manage.py",
        "/media/x.png",
        "/static/app/there-is-none.svg",
    ],
)
def test_a_paper_fetches_nothing_but_our_own_files(address):
    with pytest.raises(Exception, match="paper") as refusal:
        pdf.render_pdf(f'<img src="{address}">')

    assert isinstance(refusal.value, pdf.ForbiddenAddressError)


def test_our_own_style_sheets_and_drawings_are_found():
    dot = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/%3E"

    assert pdf.render_pdf(f'<img src="/static/app/favicon.svg"><img src="{dot}">')


def test_the_office_may_bring_its_own_fangsong(tmp_path, monkeypatch):
    pen = T2CharStringPen(1000, None)
    pen.moveTo((0, 0)), pen.lineTo((900, 0)), pen.lineTo((900, 900)), pen.closePath()
    builder = FontBuilder(1000, isTTF=False)
    builder.setupGlyphOrder([".notdef", "fang"])
    builder.setupCharacterMap({ord("户"): "fang"})
    builder.setupCFF(
        "FangSong", {}, {".notdef": pen.getCharString(), "fang": pen.getCharString()}, {}
    )
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "fang": (1000, 0)})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "仿宋_GB2312", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(tmp_path / "office.otf")
    monkeypatch.setenv("POVERTYAID_FONTS", str(tmp_path))

    assert set(embedded_fonts(pdf.render_pdf(PAPER))) == {
        "Noto-Sans-SC",
        "Noto-Serif-SC",  # for what the office's font lacks
        "仿宋_GB2312",
    }


def test_without_the_system_subsetter_the_wheel_does_its_work(monkeypatch):
    usual = pdf.render_pdf(PAPER)
    parts = pdf.load_weasyprint().pdf.fonts
    monkeypatch.setattr(parts.Font, "subset", parts.Font.subset)  # so that it is put back
    monkeypatch.setattr(parts, "harfbuzz_subset", None)
    monkeypatch.setattr(parts.Font, "_fonttools_subset", lambda *_: pytest.fail("the slow way"))

    paper = pdf.render_pdf(PAPER)
    assert pdf.use_uharfbuzz_if_needed(parts) is True
    assert read(paper).pages[0].extract_text() == read(usual).pages[0].extract_text()
    assert all(draws(embedded_fonts(paper)["Noto-Serif-SC"], character) for character in RARE)
    assert len(paper) < 1.2 * len(usual)
