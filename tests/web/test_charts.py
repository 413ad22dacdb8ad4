import itertools
from decimal import Decimal

import pytest
from django.template import Context, Template

from povertyaid.web import charts


def chart(**changes):
    given = {
        "title": "人均年收入",
        "rows": [("困难户", [1826, 5120]), ("低收入户", [2950, None])],
        "series": ["帮扶前", "脱贫时"],
        "unit": "元/人·年",
        "lines": [("脱贫线", 4000)],
        "show": lambda value: f"{value:,}",
    } | changes
    return charts.bars(given.pop("title"), given.pop("rows"), **given)


def test_bars_start_at_zero_and_keep_their_proportions():
    before, after = chart().groups[0].bars

    assert after.height / before.height == pytest.approx(5120 / 1826, rel=0.01)
    assert before.y + before.height == pytest.approx(chart().base)


def test_the_tallest_fills_the_plot_and_nothing_leaves_it():
    drawn = chart(lines=[("脱贫线", 9000)])

    assert drawn.lines[0].y == charts.PLOT_TOP
    for group in drawn.groups:
        for bar in group.bars:
            assert bar.x >= 0
            assert bar.x + bar.width <= drawn.right
            assert bar.y >= charts.PLOT_TOP


def test_bars_of_a_line_do_not_overlap():
    drawn = chart(rows=[(f"第{n}区", [5, 9]) for n in range(20)])
    edges = [(bar.x, bar.x + bar.width) for group in drawn.groups for bar in group.bars]

    assert all(left[1] <= right[0] for left, right in itertools.pairwise(edges))


def test_numbers_over_neighbouring_bars_do_not_run_into_each_other():
    drawn = chart(
        rows=[("困难户", [Decimal("29999.00"), Decimal("30000.00")])], show="{:,.2f}".format
    )
    one, other = drawn.groups[0].bars

    assert other.middle - one.middle >= len("30,000.00") * charts.DIGIT_WIDTH


def test_what_is_not_known_has_no_bar_and_an_empty_cell():
    drawn = chart()

    assert len(drawn.groups[1].bars) == 1
    assert drawn.rows[1] == ("低收入户", ("2,950", ""))


def test_nothing_but_zeros_is_drawn_without_dividing_by_them():
    assert [bar.height for bar in chart(rows=[("困难户", [0, 0])], lines=[]).groups[0].bars] == [
        0,
        0,
    ]
    assert chart(rows=[], lines=[]).groups == ()


def test_one_series_needs_no_legend():
    assert chart(rows=[("困难户", [1])], series=["户数"]).legend == ()


@pytest.mark.parametrize(
    "wrong", [{"rows": [("困难户", [-1, 2])]}, {"series": list("甲乙丙丁"), "rows": []}]
)
def test_what_bars_cannot_say_is_refused(wrong):
    with pytest.raises(ValueError, match=r"zero|series"):
        chart(**wrong)


def test_the_picture_is_read_out_and_its_table_is_one_click_away():
    page = Template("{% load words %}{% bar_chart chart %}").render(Context({"chart": chart()}))

    assert "<title>人均年收入; 困难户: 1,826, 5,120" in page
    assert '<th scope="row">困难户</th><td class="num">1,826</td><td class="num">5,120</td>' in page
    assert "脱贫线 4,000" in page
    assert "单位：元/人·年" in page
    assert "style=" not in page


def test_a_line_of_one_group_stays_over_it_and_keeps_clear_of_its_number():
    chart = charts.bars(
        "人均收入",
        [("困难户", [5900, 9000]), ("低收入户", [100, None])],
        series=["帮扶前", "退出时"],
        marks=[(0, "标准线", 6000), (1, "标准线", 12000)],
    )

    first, second = chart.marks
    assert first.x2 < second.x1
    assert first.text == "标准线 6000"
    # The number of the bar stands just below the line: the line's own name moves above it.
    assert chart.groups[0].bars[0].text_y - first.text_y >= charts.TEXT_HEIGHT
    # The highest thing drawn is a line, and it lies within the plot.
    assert second.y == charts.PLOT_TOP


def test_a_line_over_a_group_without_bars_is_drawn_all_the_same():
    chart = charts.bars("", [("困难户", [None])], series=[""], marks=[(0, "标准线", 6000)])

    assert [mark.text for mark in chart.marks] == ["标准线 6000"]
