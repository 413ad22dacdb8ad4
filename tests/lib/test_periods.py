from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from povertyaid.lib.periods import DateError, PartialDate, end_of_year, parse_partial, year_of

days = st.dates(date(1800, 1, 1), date(2199, 12, 31))


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2017-12-19", "2017-12-19"),
        ("2017/1/5", "2017-01-05"),
        ("2017.12.19", "2017-12-19"),
        ("2017年12月19日", "2017-12-19"),
        ("2017年1月5号", "2017-01-05"),
        ("20171219", "2017-12-19"),
        ("20171219.0", "2017-12-19"),
        ("2017-12-19 00:00:00", "2017-12-19"),
        ("2017-12-19T08:30:00.5", "2017-12-19"),
        ("２０１７－１２－１９", "2017-12-19"),
        ("2017.12", "2017-12"),
        ("2017.1", "2017-01"),
        ("2017年12月", "2017-12"),
        ("2017年12月份", "2017-12"),
        ("1975-6", "1975-06"),
        ("201712", "2017-12"),
        ("201712.0", "2017-12"),
        ("2017", "2017"),
        ("2017年", "2017"),
        ("2017年度", "2017"),
        (" 2017 年 3 月 ", "2017-03"),
    ],
)
def test_a_date_keeps_how_exactly_it_is_known(text, iso):
    assert parse_partial(text).iso() == iso


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("　", "empty"),
        ("去年", "unreadable"),
        ("75年6月", "unreadable"),
        ("2017-12-19-1", "unreadable"),
        ("12/19/2017", "unreadable"),
        ("٢٠١٧", "unreadable"),
        ("2023-02-30", "impossible_date"),
        ("20171301", "impossible_date"),
        ("2017-13", "impossible_date"),
        ("0017", "impossible_date"),
        ("9999", "impossible_date"),
    ],
)
def test_what_is_no_date_is_refused_with_its_reason(text, code):
    with pytest.raises(DateError) as refused:
        parse_partial(text)

    assert refused.value.code == code


@given(st.text())
def test_any_text_is_read_or_refused(text):
    try:
        parsed = parse_partial(text)
    except DateError:
        return
    assert parse_partial(parsed.iso()) == parsed


@given(days, st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"]))
def test_every_day_reads_back(day, shape):
    assert parse_partial(day.strftime(shape)) == PartialDate(day, "day")


@given(days)
def test_a_month_ends_the_day_before_the_next(day):
    month = PartialDate(day.replace(day=1), "month")

    assert (month.last_day + timedelta(days=1)).day == 1
    assert PartialDate(date(day.year, 1, 1), "year").last_day == end_of_year(day.year)
    assert PartialDate(day).last_day == day


@pytest.mark.parametrize(
    ("day", "precision"), [(date(2017, 12, 2), "month"), (date(2017, 2, 1), "year")]
)
def test_a_month_or_year_is_held_by_its_first_day(day, precision):
    with pytest.raises(ValueError, match="first day"):
        PartialDate(day, precision)


def test_the_year_of_a_day_and_of_a_month():
    assert year_of(date(2013, 12, 10)) == 2013
    assert year_of(parse_partial("2011年1月")) == 2011
    assert str(parse_partial("2011年1月")) == "2011-01"
