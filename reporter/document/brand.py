"""The house's own colours and paper: what stands in for the tokens, and whether it can be read."""

from __future__ import annotations

from collections.abc import Mapping

from reporter.document.blocks import Look
from reporter.document.colours import as_light_as, contrast, is_colour, mix, readable_shade
from reporter.document.settings import ReportSettings
from reporter.document.tokens import read_tokens
from reporter.errors import Problem, UsageError

READABLE = 4.5
"""Contrast that text needs (WCAG 2.2, 1.4.3)."""
MUTED, FAINT = 72, 20
"""Per cent of the text's colour in what is muted on the cover, and in its rules."""
COLOURS: Mapping[str, tuple[str, ...]] = {
    "report.primary_colour": ("cover-ink",),
    "report.accent_colour": ("paper", "tint"),
}
"""Settings and the tokens that each of them must stand apart from."""


def look_of(settings: ReportSettings) -> Look:
    """Paper and colours of a report.

    Raises
    ------
    UsageError
        Where a colour is none, or cannot be read; all of them at once.
    """
    given = {"report.primary_colour": settings.primary_colour, "report.accent_colour": settings.accent_colour}
    faults = {name: colour_fault(name, colour) for name, colour in given.items()}
    problems = [Problem(name, f"“{given[name]}” cannot be used.", fault) for name, fault in faults.items() if fault]
    if problems:
        raise UsageError(problems)
    tokens = read_tokens()
    primary, accent = (colour.lower() for colour in given.values())
    inks = (_cover(tokens, primary) if primary else {}) | (_accent(tokens, accent) if accent else {})
    return Look(settings.paper, tuple(inks.items()))


def colour_fault(name: str, colour: str) -> str:
    """Why a text cannot be one of the `COLOURS`, and what to write; empty where it can, or says nothing."""
    tokens = read_tokens()
    if not colour:
        return ""
    if not is_colour(colour):
        return f"Write a colour as six hex digits, such as {tokens['accent']}."
    papers = tuple(tokens[each] for each in COLOURS[name])
    found = min(contrast(colour, paper) for paper in papers)
    if found >= READABLE:
        return ""
    place = "White text on it" if name == "report.primary_colour" else "Text in it on paper"
    return (
        f"{place} has a contrast of {found:.1f} to 1, and {READABLE} is needed to be read: "
        f"the nearest shade of the same hue that has it is {readable_shade(colour, papers, READABLE)}."
    )


def _cover(tokens: dict[str, str], primary: str) -> dict[str, str]:
    """The primary colour is the ground of cover and verdict; what is muted on it is as faint as can still be read."""
    ink = tokens["cover-ink"]
    muted = (mix(primary, ink, share / 100) for share in range(MUTED, 101))
    return {
        "cover": primary,
        "cover-muted": next(each for each in muted if contrast(each, primary) >= READABLE),
        "cover-rule": mix(primary, ink, FAINT / 100),
    }


def _accent(tokens: dict[str, str], accent: str) -> dict[str, str]:
    """The accent, its twin after dark, and heat maps in its hue that are as light as ours, so that their words can be read as well."""
    dark = (tokens["dark-paper"], tokens["dark-tint"])
    heat = [name for name in tokens if name.startswith("heat-")]
    return {
        "accent": accent,
        "dark-accent": readable_shade(accent, dark, READABLE),
        **{name: as_light_as(tokens[name], accent) for name in heat},
    }
