"""Bars as geometry: the same picture on the page and on paper, drawn by one template.

Few kinds, zero-based, labelled directly. The numbers are the caller's; nothing here rounds
what is printed, only where a bar ends.
"""

from dataclasses import dataclass
from decimal import Decimal

WIDTH, PLOT_TOP, PLOT_HEIGHT, FOOT = 720, 44, 210, 32
LEFT, RIGHT, RIGHT_OF_LINES, LEGEND_STEP = 0, 0, 112, 120
BAR_WIDTH, BAR_GAP, DIGIT_WIDTH, TEXT_HEIGHT = 44, 8, 7.2, 15
FILLS = ("#8a99a8", "#9b1c1f", "#174a86")  # differ in greyscale too: light, dark, darkest
SERIES_AT_MOST = len(FILLS)


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    fill: str
    text: str
    series: str

    @property
    def middle(self):
        return round(self.x + self.width / 2, 1)

    @property
    def text_y(self):
        return round(self.y - 6, 1)


@dataclass(frozen=True)
class BarGroup:
    label: str
    middle: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Line:
    y: float
    text: str

    @property
    def text_y(self):
        return round(self.y + 4, 1)


@dataclass(frozen=True)
class Mark:
    """A line over one group alone, named above its left end."""

    x1: float
    x2: float
    y: float
    text: str
    text_y: float


@dataclass(frozen=True)
class BarChart:
    title: str
    unit: str
    width: int
    height: int
    left: int
    right: int
    base: float
    groups: tuple[BarGroup, ...]
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    legend: tuple[tuple[str, str, int, int], ...]
    rows: tuple[tuple, ...]
    series: tuple[str, ...]

    @property
    def label_y(self):
        return self.base + 20

    @property
    def line_text_x(self):
        return self.right + 8


def bars(title, rows, *, series, unit="", lines=(), marks=(), show=str, across=WIDTH):
    """Lay out groups of bars.

    `rows`: [(label, [value, …]), …], one value for each name of `series`, None where there is
    none. `lines`: [(label, value), …] drawn across, for example an exit line; `marks`:
    [(place, label, value), …] drawn over the one group at that place, where each has a line of
    its own. `show` writes a value; values are of one unit and not negative. `across` is the
    width of the drawing, for a small one beside a table.
    """
    rows = [(str(label), list(values)) for label, values in rows]
    series = tuple(str(name) for name in series)
    if len(series) > SERIES_AT_MOST:
        raise ValueError(f"at most {SERIES_AT_MOST} series can be told apart in greyscale")
    known = [v for _, values in rows for v in values if v is not None]
    known += [value for _, value in lines] + [value for _, _, value in marks]
    if any(v < 0 for v in known):
        raise ValueError("bars start at zero; a loss is not drawn as a bar")
    top = max([Decimal(str(v)) for v in known], default=Decimal(0)) or Decimal(1)
    base = PLOT_TOP + PLOT_HEIGHT

    def height_of(value):
        return round(float(Decimal(str(value)) / top * PLOT_HEIGHT), 1)

    right = across - (RIGHT_OF_LINES if lines else RIGHT)  # a line is named beside the plot
    pitch = (right - LEFT) / max(len(rows), 1)
    gaps = max(len(series) - 1, 0)
    width = min(BAR_WIDTH, (pitch * 0.8 - BAR_GAP * gaps) / max(len(series), 1))
    # Bars stand as far apart as their numbers are wide, while the group has room.
    widest = max((len(show(v)) for _, values in rows for v in values if v is not None), default=0)
    room = (pitch * 0.96 - width * len(series)) / max(gaps, 1)
    gap = max(BAR_GAP, min(widest * DIGIT_WIDTH + 6 - width, room))
    spread = width * len(series) + gap * gaps
    groups = []
    for place, (label, values) in enumerate(rows):
        middle = LEFT + pitch * (place + 0.5)
        drawn = []
        for nth, value in enumerate(values):
            if value is None:
                continue
            height = height_of(value)
            drawn.append(
                Bar(
                    x=round(middle - spread / 2 + nth * (width + gap), 1),
                    y=round(base - height, 1),
                    width=round(width, 1),
                    height=height,
                    fill=FILLS[nth],
                    text=str(show(value)),
                    series=series[nth],
                )
            )
        groups.append(BarGroup(label, round(middle, 1), tuple(drawn)))
    drawn_marks = []
    for place, label, value in marks:
        middle, y = groups[place].middle, round(base - height_of(value), 1)
        text_y = round(y - 5, 1)
        first = groups[place].bars[0] if groups[place].bars else None
        if first and abs(first.text_y - text_y) < TEXT_HEIGHT:
            text_y = round(min(first.text_y, text_y) - TEXT_HEIGHT, 1)  # above the bar's number
        half = pitch * 0.46
        text = f"{label} {show(value)}"
        drawn_marks.append(Mark(round(middle - half, 1), round(middle + half, 1), y, text, text_y))
    legend = tuple(
        (name, FILLS[nth], LEFT + nth * LEGEND_STEP, LEFT + nth * LEGEND_STEP + 18)
        for nth, name in enumerate(series)
    )
    return BarChart(
        title=str(title),
        unit=str(unit),
        width=across,
        height=base + FOOT,
        left=LEFT,
        right=right,
        base=base,
        groups=tuple(groups),
        lines=tuple(
            Line(round(base - height_of(value), 1), f"{label} {show(value)}")
            for label, value in lines
        ),
        marks=tuple(drawn_marks),
        legend=legend if len(series) > 1 else (),
        rows=tuple(
            (label, tuple("" if v is None else str(show(v)) for v in values))
            for label, values in rows
        ),
        series=series,
    )
