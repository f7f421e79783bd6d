"""The first page in plain values, for who tells it again elsewhere: the mail is made of it, in a finished run and without any analysis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reporter.document.blocks import Block, Bullets, Callout, Chart, Document, Prose, Section, Stat, Stats

SUMMARY = "summary"


def gist(document: Document, blocks: Iterator[Block], palette: dict[str, int]) -> dict[str, Any]:
    """What the first page says, in the language of the report.

    Parameters
    ----------
    document : Document
    blocks : iterator of Block
        Those of its summary, in reading order and side-by-side ones taken apart.
    palette : dict of str to int
        Colour slot of each segment under its own name.

    Returns
    -------
    dict
        ``language, title, organisation, confidentiality, edition, headline, as_of, period, provenance``, ``lede`` (text), ``stats`` (label, value, change,
        trend, good), ``chart`` (title, subtitle, source, alt), ``findings`` (lead, text), ``boxes`` (kind, title, body), ``palette`` and ``inks`` (colours that stand in for ours). What
        the page does not have is empty.
    """
    cover = document.cover
    found: dict[str, Any] = {
        "language": cover.language,
        "title": cover.title,
        "organisation": cover.organisation,
        "confidentiality": cover.confidentiality,
        "edition": document.edition,
        "headline": cover.headline.text,
        "as_of": cover.as_of,
        "period": cover.period,
        "provenance": document.provenance,
        "lede": "",
        "stats": [],
        "chart": None,
        "findings": [],
        "boxes": [],
        "palette": palette,
        "inks": dict(document.look.inks),
    }
    for block in blocks:
        match block:
            case Prose(paragraphs=paragraphs):
                found["lede"] = found["lede"] or " ".join(map(str, paragraphs))
            case Stats(stats=stats):
                found["stats"] += [_stat(stat) for stat in stats]
            case Chart() as chart:
                found["chart"] = found["chart"] or _chart(chart)
            case Bullets(items=items):
                found["findings"] += [{"lead": lead.text, "text": text.text} for lead, text in items]
            case Callout(kind=kind, title=title, body=body):
                found["boxes"].append({"kind": kind, "title": title.text, "body": [each.text for each in body]})
    return found


def summary_of(document: Document) -> Section:
    """The summary, whether the pages show it or not; where they show a short one too, the longer."""
    return next(section for section in (*document.unshown, *document.sections) if section.id == SUMMARY)


def _stat(stat: Stat) -> dict[str, Any]:
    return {
        "label": stat.label,
        "value": stat.value.text,
        "change": stat.change.text,
        "trend": stat.trend,
        "good": stat.good,
    }


def _chart(chart: Chart) -> dict[str, str]:
    return {
        "title": chart.title.text,
        "subtitle": chart.subtitle.text,
        "source": chart.source.text,
        "alt": chart.alt,
    }
