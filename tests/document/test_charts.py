"""Every picture of the report: drawn, inside its sheet, nothing over anything else, and robust against odd data."""

from __future__ import annotations

import math
import re
import subprocess
import sys
import warnings
from functools import partial
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Sheet
from matplotlib.font_manager import FontProperties

from reporter.document import charts
from reporter.document.blocks import PLAIN, Chart
from reporter.document.charts import marks, scatter
from reporter.document.charts.figure import Dots, Figure, Letters, Type
from reporter.document.charts.letters import fit, font_file, text_width
from reporter.document.charts.paper import clean_name, plain_paper
from reporter.document.charts.rfm import MOST_MUTED, score_scatter, squarify
from reporter.document.colours import contrast
from reporter.document.ink import draw
from reporter.document.picture import to_png
from reporter.document.svg import outlined
from tests.document import frames as f
from tests.document.gallery import COUPON, MONEY, chart, far, gallery

GALLERY = gallery()
IDS = [c.id for c in GALLERY]


def figure_of(one: Chart, words: Any = MONEY) -> Figure:
    return getattr(charts, one.draw)(plain_paper(words).sized(one.size, one.height_mm), *one.data)  # type: ignore[no-any-return]


def lines(figure: Figure) -> list[Letters]:
    return [mark for mark in figure.drawn() if isinstance(mark, Letters)]


def boxes(figure: Figure) -> list[tuple[str, Any]]:
    """Every line of text with its extent in points, measured by matplotlib's raster renderer (not by our own ruler)."""
    sheet = Sheet(dpi=72)
    renderer = FigureCanvasAgg(sheet).get_renderer()
    with warnings.catch_warnings(), mpl.rc_context({"text.hinting": "none", "text.parse_math": False}):
        warnings.simplefilter("ignore")  # letters that Inter lacks
        texts = [
            sheet.text(
                line.x, line.y, line.text, transform=None, rotation=line.angle, rotation_mode="anchor",
                fontproperties=FontProperties(fname=font_file(line.weight), size=line.size, weight=line.weight),
            )
            for line in lines(figure)
        ]  # fmt: skip
        return [(text.get_text(), text.get_window_extent(renderer)) for text in texts]


def overlaps(figure: Figure, slack: float = 0.9) -> list[tuple[str, str]]:
    found = []
    for (one, a), (other, b) in combinations(boxes(figure), 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        if wide > slack and high > slack:
            found.append((one, other))
    return found


def outside(figure: Figure, slack: float = 0.6) -> list[str]:
    width, height = figure.size
    return [
        text
        for text, box in boxes(figure)
        if box.x0 < -slack or box.y0 < -slack - 1 or box.x1 > width + slack or box.y1 > height + slack + 1
    ]


def test_the_gallery_shows_every_picture_function() -> None:
    assert {c.draw for c in GALLERY} == set(charts.__all__)


@pytest.mark.parametrize("one", GALLERY, ids=IDS)
@pytest.mark.parametrize("words", [MONEY, COUPON], ids=["money", "coupon"])
def test_texts_stay_inside_and_apart(one: Chart, words: Any) -> None:
    figure = figure_of(one, words)
    assert outside(figure) == []
    assert overlaps(figure) == []


def test_the_overlap_measure_finds_a_planted_overlap() -> None:
    figure = figure_of(GALLERY[0])
    axes = figure.axes[0]
    marks.write(axes, (3, 100), "planted", **plain_paper(MONEY).type())
    marks.write(axes, (3.2, 101), "over it", **plain_paper(MONEY).type())
    marks.write(axes, (18, 100), "planted far beyond the right edge", **plain_paper(MONEY).type())
    assert ("planted", "over it") in overlaps(figure)
    assert outside(figure) == ["planted far beyond the right edge"]


@pytest.mark.parametrize("one", GALLERY, ids=IDS)
def test_figures_have_the_size_of_the_page(one: Chart) -> None:
    width, height = figure_of(one).size / 72 * 25.4
    assert width == pytest.approx({"full": 174, "wide": 115, "half": 85, "third": 55}[one.size])
    assert height == pytest.approx(one.height_mm)


@pytest.mark.parametrize("one", GALLERY, ids=IDS)
def test_pictures_are_light(one: Chart) -> None:
    svg = draw(one, MONEY)
    assert svg.count("<path") + svg.count("<text") <= 260
    assert len(svg) < 60_000


def _cut(value: Any, rows: int) -> Any:
    return (
        value.iloc[:rows]
        if isinstance(value, pd.DataFrame)
        else value[:rows]
        if isinstance(value, np.ndarray)
        else value
    )


@pytest.mark.parametrize("rows", [0, 1, 2])
@pytest.mark.parametrize("one", GALLERY, ids=IDS)
def test_few_rows(one: Chart, rows: int) -> None:
    data = list(one.data)
    if one.draw == "dendrogram":
        data = [f.tree(rows + 1), rows + 1, min(2, rows + 1)]
    if one.draw == "correlation_heat":
        data[0] = data[0].iloc[:, :rows]
    figure = figure_of(chart(one.draw, tuple(_cut(v, rows) for v in data), one.size, one.height_mm))
    if rows == 0:
        assert [text for text, _ in boxes(figure)] == ["No data"]
    assert outside(figure) == []
    assert overlaps(figure) == []


def _with_gaps(value: Any, spoil: Any) -> Any:
    if isinstance(value, np.ndarray):
        return spoil(value)
    if not isinstance(value, pd.DataFrame):
        return value
    spoilt = value.copy()
    for column in spoilt.columns[1:] if len(spoilt.columns) > 2 else spoilt.columns:
        keep = ("k", "cluster", "left", "right", "customers", "partial", "read", "kept", "rejected", "flagged", "age")
        if pd.api.types.is_float_dtype(spoilt[column]) and column not in keep:
            spoilt[column] = spoil(spoilt[column].to_numpy())
    return spoilt


def _holes(values: np.ndarray) -> np.ndarray:
    holed = np.array(values, dtype=float)
    holed[::3] = np.nan
    return holed


@pytest.mark.parametrize("spoil", [_holes, far], ids=["holes", "outlier"])
@pytest.mark.parametrize(
    "one", [c for c in GALLERY if c.draw not in ("dendrogram", "segment_treemap")], ids=lambda c: c.id
)
def test_odd_values(one: Chart, spoil: Any) -> None:
    if spoil is far and one.draw in ("correlation_heat", "stability_bars"):
        pytest.skip("these measures are bounded")
    figure = figure_of(chart(one.draw, tuple(_with_gaps(v, spoil) for v in one.data), one.size, one.height_mm))
    assert outside(figure) == []
    assert overlaps(figure) == []
    draw(chart(one.draw, tuple(_with_gaps(v, spoil) for v in one.data), one.size, one.height_mm), MONEY)


def test_an_outlier_does_not_flatten_the_bars() -> None:
    frame = f.monthly()
    usual = float(frame["transactions"].median())
    frame.loc[5, "transactions"] = 400_000
    figure = figure_of(chart("monthly_bars", (frame, "transactions", "Transactions"), "full"))
    assert usual / figure.axes[0].get_ylim()[1] > 0.3
    assert "400,000" in [text for text, _ in boxes(figure)]


def test_two_segments_and_a_stranger_without_a_colour() -> None:
    frame = f.segments(2)
    for name in ("segment_bars", "segment_treemap"):
        assert overlaps(figure_of(chart(name, (frame, {}), "half", 40))) == []


def test_all_values_equal() -> None:
    frame = f.monthly().assign(transactions=7, partial=False)
    assert outside(figure_of(chart("monthly_bars", (frame, "transactions", "Transactions")))) == []
    values = np.full(50, 3.0)
    edges = pd.DataFrame({"score": [1, 2], "low": [3.0, np.nan], "high": [3.0, np.nan]})
    assert outside(figure_of(chart("score_histogram", (values, edges, "Frequency", "orders")))) == []


def test_net_refunds_may_be_negative() -> None:
    frame = f.groups(6)
    frame.loc[5, "monetary"] = -40_000.0
    figure = figure_of(chart("group_bars", (frame, "monetary", "Revenue", 1)))
    assert outside(figure) == []
    assert "EGP −40.0 k" in [text for text, _ in boxes(figure)]


HOSTILE = [
    r"$\frac{1}$", r"$\evil$ & <script>alert(1)</script>", "‮evil‬ name", "a\x00b\x1bc\nd", "x" * 300,
    "متجر القاهرة", "חנות", "東京の店", "🙂 shop", "_^{}%#~", "]]>",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names(name: str) -> None:
    groups = f.groups(6)
    groups.loc[2, "name"] = name
    segments = f.segments(4)
    segments.loc[1, "name"] = name
    sample = f.customers(200)
    sample.loc[::2, "segment"] = name
    cases = [
        chart("group_bars", (groups, "transactions", name, 2)),
        chart("burn_rates", (groups, 0.5)),
        chart("segment_bars", (segments, {name: 3})),
        chart("segment_treemap", (segments, {name: 3})),
        chart("score_scatter", (sample, ("recency_days", "monetary"), (name, name), {name: 2}, None)),
        chart("correlation_heat", (f.correlation(), dict.fromkeys(f.FEATURES, name))),
        chart("crosstab_heat", (f.crosstab().rename(index={"At risk": name}), {name: 2})),
        chart("monthly_bars", (f.monthly(), "transactions", name)),
    ]
    for case in cases:
        svg = draw(case, MONEY)
        assert "<script" not in svg
        assert "\u202e" not in svg
        assert outside(figure_of(case)) == [] or not name.isascii()


def test_right_to_left_names_are_text_for_browsers_and_outlines_for_the_pdf() -> None:
    """A PDF renderer does not join the letters in a picture; a browser does."""
    groups = f.groups(3)
    groups.loc[0, "name"] = "متجر & القاهرة"
    svg = draw(chart("group_bars", (groups, "transactions", "Transactions", 1)), MONEY)
    assert ">متجر &amp; القاهرة</text>" in svg
    printed = outlined(svg)
    assert "متجر" not in printed
    assert printed.count("<text") == svg.count("<text") - 1
    assert printed.count("<path") == svg.count("<path") + 1
    ElementTree.fromstring(printed)


def test_outlines_stand_where_the_words_stood_turned_as_they_were() -> None:
    words = (
        '<text x="30" y="40" font-size="6.6" font-weight="600" fill="#16202a" transform="rotate(-90 30 40)">متجر</text>'
    )
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", outlined(words).partition('" fill')[0])]
    assert outlined(words).endswith('fill="#16202a"/>')
    assert all(10 < number < 45 for number in numbers)
    assert outlined(words.replace("متجر", "Cairo")) == words.replace("متجر", "Cairo")


def test_drawing_leaves_no_trace() -> None:
    before = dict(mpl.rcParams)
    for one in GALLERY[:4]:
        draw(one, MONEY)
    assert dict(mpl.rcParams) == before
    code = "from tests.document.gallery import *; from reporter.document.ink import draw; import sys; draw(gallery()[0], MONEY);"
    code += "sys.exit('matplotlib.figure' in sys.modules or 'scipy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=True)


def test_the_users_style_does_not_show() -> None:
    """Drawing reads no settings; painting a picture does."""
    paint = partial(to_png, "x", "A picture", (GALLERY[0].draw, GALLERY[0].data, 60.0), MONEY, PLAIN)
    plain = paint()
    with mpl.rc_context({"lines.linewidth": 9, "lines.linestyle": ":", "text.hinting": "none", "path.snap": False}):
        assert paint() == plain


def test_months_are_named_in_the_report_language() -> None:
    from reporter.document.words import Words

    german = draw(GALLERY[0], Words("de", "EUR", "money"))
    assert ">Mai<" in german
    assert ">Dez" in german


def test_partial_months_are_marked() -> None:
    assert "hatched" in draw(GALLERY[0], MONEY)
    full = f.monthly().assign(partial=False)
    assert "hatched" not in draw(chart("monthly_bars", (full, "transactions", "T")), MONEY)


@given(st.lists(st.floats(-50, 150), min_size=1, max_size=12), st.floats(0.5, 8))
def test_spread_keeps_order_gap_and_bounds(places: list[float], gap: float) -> None:
    moved = marks.spread(places, gap, 0, 100)
    order = sorted(range(len(places)), key=lambda i: (places[i], i))
    assert all(moved[b] - moved[a] >= gap - 1e-6 for a, b in pairwise(order))
    assert min(moved) >= -1e-9
    assert max(moved) <= 100 + 1e-6


def test_spread_leaves_what_is_apart() -> None:
    assert marks.spread([10, 50, 90], 5, 0, 100) == [10, 50, 90]
    assert marks.spread([50, 50], 10, 0, 100) == [45, 55]


@settings(deadline=None)
@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=12))
def test_squarify_fills_the_rectangle(sizes: list[float]) -> None:
    shares = sorted((size / sum(sizes) for size in sizes), reverse=True)
    parts = squarify(shares, 120, 50)
    for share, (x, y, w, h) in zip(shares, parts, strict=True):
        assert w * h == pytest.approx(share * 6000)
        assert x >= -1e-6
        assert y >= -1e-6
        assert x + w <= 120 + 1e-6
        assert y + h <= 50 + 1e-6
    for (ax, ay, aw, ah), (bx, by, bw, bh) in combinations(parts, 2):
        assert min(ax + aw, bx + bw) - max(ax, bx) < 1e-6 or min(ay + ah, by + bh) - max(ay, by) < 1e-6


def test_squarify_follows_the_paper() -> None:
    """The worked example of Bruls, Huizing and van Wijk: areas 6 6 4 3 2 2 1 in 6 by 4; the first two share a column of width 3."""
    parts = squarify([area / 24 for area in (6, 6, 4, 3, 2, 2, 1)], 6, 4)
    assert [tuple(round(v, 3) for v in part) for part in parts[:4]] == [
        (0, 0, 3, 2), (0, 2, 3, 2), (3, 0, 1.714, 2.333), (4.714, 0, 1.286, 2.333),
    ]  # fmt: skip


def test_scale_cuts_and_says_so() -> None:
    values = np.r_[np.random.default_rng(1).normal(50, 5, 1000), 9000.0]
    scale = scatter.scale(values)
    assert scale.high < 100
    assert scatter.beyond(scale, values).sum() == 1
    assert scatter.scale(np.random.default_rng(1).lognormal(3, 2, 1000)).log


def test_names() -> None:
    assert clean_name("  two\n lines\t") == "two lines"
    assert clean_name("a\u202eb\u2066c\x07") == "abc"
    assert clean_name("\ud800 lone") == "lone"
    assert clean_name("x" * 40) == "x" * 27 + "…"
    assert fit("Cannot lose them", 10).endswith("…")
    assert text_width(fit("Cannot lose them", 10)) <= 10


def test_widths_agree_with_the_raster_renderer() -> None:
    figure = Figure(100, 20)
    figure.text((0, 0), "Potential loyalists, 12,480", (0, 0), Type(**plain_paper(MONEY).type()))
    ((_, box),) = boxes(figure)
    (line,) = lines(figure)
    assert text_width(line.text) * 72 / 25.4 == pytest.approx(box.width, abs=1.5)


def test_ink_on_every_fill_can_be_read() -> None:
    paper = plain_paper(MONEY)
    fills = [paper.slot(n) for n in range(1, 13)] + [paper.heat(n) for n in range(1, 7)]
    assert min(contrast(paper.on(fill), fill) for fill in fills) >= 4.5


def test_amounts_on_labels_are_short() -> None:
    paper = plain_paper(MONEY)
    assert [paper.money(v) for v in (94.2, 6720, 112_400, 3_571_234, -40_000)] == [
        "EGP 94", "EGP 6,720", "EGP 112 k", "EGP 3.57 m", "EGP −40.0 k",
    ]  # fmt: skip


def test_axis_numbers_share_a_unit() -> None:
    paper = plain_paper(MONEY)
    assert marks.scale_texts(paper, [0, 50_000, 100_000]) == ["0", "50 k", "100 k"]
    assert marks.scale_texts(paper, [-1, 0, 0.5]) == ["−1", "0", "0.5"]
    assert not any(math.isnan(t) for t in marks.nice_ticks(0, 0))


def test_behind_one_segment_the_crowd_is_thinned_and_the_segment_is_not():
    dice = np.random.default_rng(0)
    segment = np.where(np.arange(2000) % 40 == 0, "Champions", "Lost")
    sample = pd.DataFrame(
        {"segment": segment, "recency_days": dice.uniform(1, 400, 2000), "monetary": dice.uniform(1, 90, 2000)}
    )
    paper = plain_paper(MONEY).sized("half", 34.0)
    figure = score_scatter(
        paper, sample, ("recency_days", "monetary"), ("R", "M"), {"Champions": 1, "Lost": 2}, "Champions"
    )
    dots = [len(mark.points) for mark in figure.drawn() if isinstance(mark, Dots)]
    assert sorted(dots)[0] == 50
    assert 400 < sorted(dots)[1] <= MOST_MUTED
    assert any(f"n = {sum(dots)}" in line.text for line in lines(figure))
