"""A realistic report of invented figures: every block, eleven segments, and names that try to break out."""

from __future__ import annotations

from collections.abc import Sequence

from reporter.document.blocks import Block, Bullets, Callout, Cover, Details, Document, Prose, Section
from tests.document.chapters import customers, groups, parts_opening, scores, segment_page, summary
from tests.document.parts import HOSTILE, SEGMENTS, names_table, said, segments_table, tiles
from tests.document.pictures import line

PROVENANCE = "Nile Rewards · Confidential · run 2026-10-01-9f3c17ab · seed 42 · data 9f3c17ab · version 0.1.0"


FEW = (1, 2, 5, 8, 10, 11)
"""Segments whose pages are enough where paper is looked at: all are of one making, and the tables and pictures before them have every name and colour."""


def sample(hostile: bool = True, pages: Sequence[int] = range(1, 12)) -> Document:
    """The whole report, with pages of some segments; `hostile` puts the payloads of `HOSTILE` wherever a name from the data can stand."""
    names = HOSTILE if hostile else ("Cairo", "Giza", "Alexandria", "Luxor", "Aswan", "Tanta", "Port Said")
    parts = (
        summary(),
        *customers(names),
        scores(),
        groups(),
        parts_opening(),
        *(segment_page(slot, names) for slot in pages),
        changes(),
        campaign(),
        quality(names),
        method(),
    )
    return Document(cover(), parts, {name: slot for slot, name in enumerate(SEGMENTS, 1)}, PROVENANCE)


def cover() -> Cover:
    """First page."""
    return Cover(
        title="Customer segmentation",
        headline=said("One customer in ten earns 41% of revenue, and EGP 500 k of it is drifting towards churn"),
        organisation="Nile Rewards",
        author="Customer insight",
        confidentiality="Confidential",
        period="1 October 2024 – 30 September 2026",
        as_of="1 October 2026",
        prepared="5 October 2026",
        language="en",
        created="2026-10-01",
    )


def changes() -> Section:
    """What changed since the last period."""
    return Section(
        "changes",
        said("Since June 310 customers left the top two segments and took EGP 180 k along"),
        "What changed",
        "What changed",
        (
            tiles(3),
            line("movement", "Movement between segments", "#ba3d0f", height_mm=70),
            segments_table("movement-table", 8, "At-risk customers grew by 1.8 points"),
        ),
    )


def campaign() -> Section:
    """The plan."""
    return Section(
        "campaign",
        said("Three campaigns to 2,592 customers should return EGP 96 k at a cost of EGP 21 k"),
        "Campaign plan",
        "Campaign plan",
        (
            Bullets(
                tuple(
                    (
                        said(f"{name}."),
                        said(
                            "Offer, channel and size follow from the value at stake and the share that came back in the past."
                        ),
                    )
                    for name in SEGMENTS[5:8]
                )
            ),
            segments_table("campaign-table", title="Audiences, offers and break-even"),
            Callout(
                "limit",
                said("Responses are estimates"),
                (
                    said(
                        "They come from what similar customers did without an offer. A control group of 10% in every audience will tell."
                    ),
                ),
            ),
        ),
    )


def quality(names: Sequence[str]) -> Section:
    """Every row accounted for."""
    return Section(
        "quality",
        said("Of 131,706 rows 97% were kept; 3,951 were set aside for a stated reason"),
        "Data quality",
        "Data quality and method",
        (
            names_table("rejects", names, 42),
            Details(
                said("Repairs and assumptions"),
                (
                    Prose(
                        (said("Dates are read day first. "), said("Ids are text.")),
                    ),
                    names_table("repairs", names, 5),
                ),
            ),
        ),
    )


def method() -> Section:
    """Definitions."""
    blocks: tuple[Block, ...] = (
        Prose(
            tuple(
                said(
                    f"{word} is the number of days from the last order to the as-of date, so that the day before it is 1. A refund is not an order; cancelled orders are not counted. Where values allow fewer levels than five, the report says so."
                )
                for word in ("Recency", "Frequency", "Value")
            ),
        ),
        Prose((said("Versions and settings are listed in manifest.json."),), "note"),
    )
    return Section(
        "method",
        said("How it was made: 3 definitions and 1 seed"),
        "Method",
        "Data quality and method",
        blocks,
        breaks=False,
        level=2,
    )
