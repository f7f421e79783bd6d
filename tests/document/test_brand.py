"""Own colours: refused with a shade that passes, and where they are taken every twin of theirs can be read; segments keep theirs."""

from __future__ import annotations

import colorsys
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.config import load_config
from reporter.document.blocks import PLAIN, Look
from reporter.document.brand import COLOURS, READABLE, colour_fault, look_of
from reporter.document.colours import as_light_as, contrast, readable_shade
from reporter.document.html import to_html
from reporter.document.ink import draw
from reporter.document.settings import ReportSettings
from reporter.document.styles import look_style, paper_style, screen_style
from reporter.document.tokens import inked_tokens, read_tokens
from reporter.errors import UsageError
from tests.document.gallery import MONEY, gallery
from tests.document.sample import sample

TOKENS = read_tokens()
GREEN, ORANGE = "#123d2a", "#b3540a"
COLOUR = st.tuples(*(3 * (st.integers(0, 255),))).map(lambda rgb: "#{:02x}{:02x}{:02x}".format(*rgb))
DARK = ("dark-paper", "dark-tint")


def hue(colour: str) -> float:
    return colorsys.rgb_to_hls(*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)))[0]


def branded(primary: str = GREEN, accent: str = ORANGE) -> Look:
    return look_of(ReportSettings(primary_colour=primary, accent_colour=accent))


@given(COLOUR, st.sampled_from(sorted(COLOURS)))
def test_a_colour_can_be_read_or_the_suggestion_can(colour: str, setting: str) -> None:
    papers = [TOKENS[name] for name in COLOURS[setting]]
    fault = colour_fault(setting, colour)
    if not fault:
        assert min(contrast(colour, paper) for paper in papers) >= READABLE
        return
    assert min(contrast(colour, paper) for paper in papers) < READABLE
    (suggested,) = re.findall("#[0-9a-f]{6}", fault)
    assert colour_fault(setting, suggested) == ""
    assert min(contrast(suggested, paper) for paper in papers) < READABLE + 0.35, "a lighter shade would do"


@given(st.sampled_from(["#e4572e", "#ffcc00", "#7bc043", "#33aadd", "#ff66cc"]))
def test_the_suggestion_has_the_same_hue(colour: str) -> None:
    (suggested,) = re.findall("#[0-9a-f]{6}", colour_fault("report.accent_colour", colour))
    assert hue(suggested) == pytest.approx(hue(colour), abs=0.01)


@pytest.mark.parametrize(
    "text", ["red", "#12345", "#12345g", "123456", "rgb(0,0,0)", "#0b5a3c;}body{display:none", " #0b5a3c"]
)
def test_what_is_no_colour_is_refused(text: str) -> None:
    assert colour_fault("report.accent_colour", text).startswith("Write a colour as six hex digits, such as #")


def test_both_colours_are_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        look_of(ReportSettings(primary_colour="#ffff00", accent_colour="blue"))
    assert [problem.where for problem in caught.value.problems] == ["report.primary_colour", "report.accent_colour"]


@given(COLOUR, COLOUR)
def test_every_twin_of_an_own_colour_can_be_read(one: str, other: str) -> None:
    primary = readable_shade(one, (TOKENS["cover-ink"],), READABLE)
    accent = readable_shade(other, (TOKENS["paper"], TOKENS["tint"]), READABLE)
    tokens = inked_tokens(branded(primary, accent))
    for ink in ("cover-ink", "cover-muted"):
        assert contrast(tokens[ink], tokens["cover"]) >= READABLE
    assert min(contrast(tokens["dark-accent"], tokens[paper]) for paper in DARK) >= READABLE
    for step in range(1, 7):
        assert contrast(tokens[f"heat-{step}"], "#ffffff") == pytest.approx(
            contrast(TOKENS[f"heat-{step}"], "#ffffff"), rel=0.04
        ), "words on heat maps are chosen by its lightness"


def test_only_these_tokens_change() -> None:
    tokens = inked_tokens(branded())
    changed = {name for name in TOKENS if tokens[name] != TOKENS[name]}
    heat = {f"heat-{step}" for step in range(1, 7)}
    assert changed == {"cover", "cover-muted", "cover-rule", "accent", "dark-accent"} | heat
    assert look_of(ReportSettings()) == PLAIN


def test_an_accent_like_a_segments_colour_is_fine() -> None:
    assert colour_fault("report.accent_colour", TOKENS["segment-8"]) == ""


def test_a_shade_as_light_as_another_is_no_more_saturated() -> None:
    assert as_light_as("#808080", "#ff0000") == "#808080"


def test_pages_and_pictures_follow() -> None:
    from dataclasses import replace

    document = replace(sample(hostile=False), look=branded())
    page = to_html(document)
    assert f"--accent:{ORANGE};" in page
    assert f"--cover:{GREEN};" in page
    assert page.index("--accent: #116fa7") < page.index(f"--accent:{ORANGE};") < page.index("prefers-color-scheme")
    ours = next(chart for chart in gallery() if chart.draw == "monthly_bars")
    plain, inked = draw(ours, MONEY), draw(ours, MONEY, branded())
    assert TOKENS["accent"] in plain
    assert ORANGE in inked
    assert TOKENS["accent"] not in inked


def test_without_a_word_the_page_is_what_it_was() -> None:
    assert look_style(sample()) == ""
    assert to_html(sample()).count("<style") == 3  # paper, screen, and what a browser leaves out when it prints
    assert paper_style() in to_html(sample())


def test_after_dark_pictures_have_a_shade_that_can_be_seen_and_ours_is_left_alone() -> None:
    from dataclasses import replace

    rule = 'svg [fill="{}"]{{fill:'
    assert rule.format(TOKENS["accent"]) not in screen_style(sample()), "it is the first segment's colour"
    dark_green = replace(sample(), look=branded(accent="#0b3d2e"))
    found = re.search(re.escape(rule.format("#0b3d2e")) + "(#[0-9a-f]{6})", screen_style(dark_green))
    assert found is not None
    assert 3 <= min(contrast(found[1], TOKENS[paper]) for paper in DARK) < 4
    assert contrast(found[1], TOKENS["on-dark"]) >= READABLE, "white words on it"


def test_settings_are_refused_with_their_place_and_the_shade() -> None:
    with pytest.raises(UsageError) as caught:
        load_config(overrides=["report.accent_colour=#ffcc00", "report.primary_colour=#8fd19e"])
    one, other = map(str, caught.value.problems)
    assert one.startswith(
        '--set report.accent_colour: "#ffcc00" cannot be used. Text in it on paper has a contrast of 1.'
    )
    assert other.startswith('--set report.primary_colour: "#8fd19e" cannot be used. White text on it has a contrast of')
    assert all(re.search(r"is #[0-9a-f]{6}\.$", each) for each in (one, other))
