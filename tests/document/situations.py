"""Five small sources that stand for all reports, told by the real chain: real groups, no groups, a shop with money, one with coupons, and next to nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import reporter
from reporter.analysis.analyse import Analysis
from reporter.document.blocks import Bullets, Callout, Chart, Document, Prose, Section, States, Stats, Table
from reporter.document.compose import compose
from reporter.document.facts import facts, leaves
from tests.shop import sheets

FIRST = date(2022, 1, 1)
SETTINGS = ("cluster.null_draws=6", "cluster.bootstraps=4", "analysis.min_group=10")
RUN = "2024-01-01-00000000"


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """A situation: its numbers, its report and the content of its facts.json."""

    analysis: Analysis
    document: Document
    facts: dict[str, Any]


def told(name: str, folder: Path) -> Told:
    """Make the source and tell it; nothing is drawn or printed."""
    config, _ = reporter.load_config(None, list(SETTINGS))
    analysis = reporter.analyse(SITUATIONS[name](folder), config)
    document = compose(analysis, config.report, RUN, f"Run {RUN}")
    return Told(analysis, document, facts(analysis, document, RUN))


def narrative(document: Document) -> str:
    """The words of a report as plain text: titles, paragraphs, findings, boxes and captions; of the pages of segments the titles alone.

    What a screen shows of each number of groups is left out.
    """
    lines: list[str] = []
    for section in document.sections:
        lines += ["", f"## {section.title}"] if section.level == 1 else [f"### {section.title}"]
        section = replace(section, blocks=tuple(each for each in section.blocks if not isinstance(each, States)))
        if section.id == "segments-compared" or not section.id.startswith("segment-"):
            lines += _paragraphs(section)
            captions = [str(block.title) for block in leaves(section.blocks) if isinstance(block, (Chart, Table))]
            lines += [f"* {' · '.join(captions)}"] if captions else []
            boxes = [block for block in leaves(section.blocks) if isinstance(block, Callout)]
            lines += [f"> {box.kind}: {' | '.join(map(str, (box.title, *box.body)))}" for box in boxes]
    return "\n".join(lines).strip() + "\n"


def _paragraphs(section: Section) -> Iterator[str]:
    for block in leaves(section.blocks):
        match block:
            case Prose(paragraphs=paragraphs, kind=kind) if section.id != "method" and kind != "note":
                yield from map(str, paragraphs)
            case Bullets(items=items) if section.id != "method":
                yield from (f"- {lead}: {sentence}" for lead, sentence in items)
            case Stats(stats=stats):
                yield " ".join(f"[{stat.label}: {stat.value} {stat.change}".rstrip() + "]" for stat in stats)


def _orders(folder: Path, orders: Iterator[tuple[str, date, float]]) -> Path:
    path = folder / "orders.csv"
    rows = [f"{number},{who},{day},{amount:.2f}" for number, (who, day, amount) in enumerate(orders, 1)]
    path.write_text("\n".join(["order_id,customer_id,order_date,amount", *rows]) + "\n", encoding="utf-8")
    return path


def _groups() -> Iterator[tuple[str, date, float]]:
    """Regulars, rare large buyers who stopped, and those who came once for little."""
    draw = random.Random(1)
    habits = (("R", 70, 14, 420, 150), ("L", 60, 3, 60, 900), ("O", 90, 1, 300, 15))
    for kind, customers, orders, start, amount in habits:
        for number in range(customers):
            for order in range(orders):
                day = FIRST + timedelta(days=start + 20 * order + draw.randrange(12))
                yield f"{kind}{number:03}", day, amount * draw.uniform(0.85, 1.15)


def _crowd() -> Iterator[tuple[str, date, float]]:
    """One crowd without gaps."""
    draw = random.Random(3)
    for number in range(200):
        taste = draw.gauss(3, 0.4)
        for _ in range(max(1, round(draw.gauss(6, 2)))):
            yield f"c{number:03}", FIRST + timedelta(days=draw.randrange(730)), draw.lognormvariate(taste, 0.8)


def _few() -> Iterator[tuple[str, date, float]]:
    return ((f"c{number}", FIRST + timedelta(days=number), number + 1.0) for number in range(5))


def _shop(folder: Path, *, money: bool) -> Path:
    """The small shop as it is, or without amounts and with one merchant whose coupons nobody burns."""
    from xlsxwriter import Workbook

    tables = sheets()
    if not money:
        tables["transactions"] = [row[:-1] for row in tables["transactions"]]
        for row in tables["transactions"][1:]:
            if row[6] in (3, 6):
                row[3], row[5] = "subscribed", None
    path = folder / "shop.xlsx"
    with Workbook(str(path)) as book:
        for name, rows in tables.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return path


SITUATIONS: Mapping[str, Callable[[Path], Path]] = MappingProxyType(
    {
        "groups": lambda folder: _orders(folder, _groups()),
        "none": lambda folder: _orders(folder, _crowd()),
        "money": lambda folder: _shop(folder, money=True),
        "coupons": lambda folder: _shop(folder, money=False),
        "tiny": lambda folder: _orders(folder, _few()),
    }
)
