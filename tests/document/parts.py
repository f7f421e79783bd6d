"""Pieces of the sample report: invented figures, and names that try to break out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reporter.document.blocks import Cell, Column, Number, Row, Said, Stat, State, States, Stats, Table
from tests.document.pictures import wave

SEGMENTS = (
    "Champions",
    "Loyal customers",
    "Potential loyalists",
    "New customers",
    "Promising",
    "Need attention",
    "About to sleep",
    "At risk",
    "Cannot lose them",
    "Hibernating",
    "Lost",
)
SIZES = (1240, 2310, 1480, 640, 520, 980, 1130, 870, 310, 1900, 1100)
HOSTILE = (
    "<script>alert(1)</script>",
    "{{7*7}} {% raw %}",
    '"><img src=x onerror=alert(1)>',
    "\u202egnp.exe\u202c مرحبا بالعالم",
    '=HYPERLINK("http://example.test","x")',
    "A" * 300,
    "Ö'Neill & Söhne — a very long company name with many words " * 4,
)


def said(text: str) -> Said:
    """A sentence that knows its numbers."""
    return Said(
        text, tuple(Number("n", 0, found) for found in re.findall(r"(?:EGP |[+−])?\d[\d,.]*(?:%| k| m| pts)?", text))
    )


def segments_table(
    key: str, subject: int = 0, title: str = "Champions earn four times their share of customers"
) -> Table:
    """The eleven segments with in-cell bars, a total and perhaps a subject."""
    columns = (
        Column("segment", "Segment", "name"),
        Column("customers", "Customers", "count"),
        Column("share", "Share of customers", "bar"),
        Column("monetary_share", "Share of revenue", "bar"),
        Column("recency_days", "Recency, days", "days"),
        Column("frequency", "Orders", "number"),
        Column("monetary", "Spend, EGP", "money"),
        Column("change", "Change, pts", "number"),
    )
    total = sum(SIZES)
    weights = [size / (i + 1) ** 0.7 for i, size in enumerate(SIZES)]
    rows = [
        Row(
            (
                Cell(name, name),
                Cell(size, f"{size:,}"),
                Cell(size / total, f"{size / total:.0%}", size / max(SIZES)),
                Cell(w / sum(weights), f"{w / sum(weights):.0%}", w / max(weights)),
                Cell(9 + i * 28, f"{9 + i * 28}"),
                Cell(14.2 / (i + 1), f"{14.2 / (i + 1):.1f}"),
                Cell(1180.5 / (i + 1), f"{1180 / (i + 1):,.0f}"),
                Cell(6.2 - i, f"{6.2 - i:+.1f}".replace("-", "−")),
            ),
            colour=i + 1,
            role="subject" if i + 1 == subject else "",
        )
        for i, (name, size, w) in enumerate(zip(SEGMENTS, SIZES, weights, strict=True))
    ]
    last = ("All customers", total, 1.0, 1.0, 121.0, 4.6, 286.0, None)
    texts = ("All customers", f"{total:,}", "100%", "100%", "121", "4.6", "286", "")
    rows.append(Row(tuple(Cell(v, t) for v, t in zip(last, texts, strict=True)), role="total"))
    return Table(
        key, said(title), columns, tuple(rows), said("Source: customer table; recency, orders and spend are medians.")
    )


def names_table(key: str, names: Sequence[str], n: int = 7, more: int = 0) -> Table:
    """Names out of the data, which may be hostile."""
    columns = (
        Column("name", "Merchant", "name"),
        Column("city", "City"),
        Column("customers", "Customers", "count"),
        Column("share", "Share", "bar"),
        Column("last", "Last order", "date"),
    )
    rows = tuple(
        Row(
            (
                Cell(names[i % len(names)], names[i % len(names)]),
                Cell(names[(i + 1) % len(names)][:40], names[(i + 1) % len(names)][:40]),
                Cell(900 - 7 * i, f"{900 - 7 * i:,}"),
                Cell(0.3 / (i + 1), f"{0.3 / (i + 1):.0%}", 1 / (i + 1)),
                Cell("2026-09-30", "30 Sep 2026"),
            )
        )
        for i in range(n)
    )
    return Table(
        key, said("Seven merchants bring 62% of new customers"), columns, rows, said("Source: branches sheet."), more
    )


def tiles(n: int = 4, phase: float = 0.0) -> Stats:
    """A row of key figures."""
    all_tiles = (
        Stat(
            "Active customers",
            said("12,480"),
            said("+3.1% against the year before"),
            "up",
            True,
            wave(12, phase),
        ),
        Stat(
            "Revenue",
            said("EGP 3.57 m"),
            said("+8.4% against the year before"),
            "up",
            True,
            wave(12, phase + 1, 3),
        ),
        Stat(
            "Repeat-purchase rate",
            said("46.2%"),
            said("−1.2 pts against the year before"),
            "down",
            False,
            wave(12, phase + 2, -3),
        ),
        Stat(
            "Revenue at risk",
            said("EGP 500 k"),
            said("870 customers"),
            "",
            None,
            wave(12, phase + 3, 2),
        ),
    )
    return Stats(all_tiles[:n])


def tried() -> States:
    """Two to five groups to choose from; four are chosen."""
    states = tuple(
        State(
            said(str(k)),
            tiles(4),
            tuple((said(f"{12480 // k:,} ({100 // k}%)"), 1 / k) for _ in range(k)),
            said(f"Admitted, but only 0.0{k} above what chance gives"),
        )
        for k in range(2, 6)
    )
    return States("tried", said("4 numbers of groups were tried, and 4 was chosen"), "Number of groups", states, 2)


def candidate(method: str, k: int) -> Row:
    """One way to split the customers."""
    values = (
        method,
        k,
        0.31 - k / 100,
        "",
        1.1 + k / 10,
        4210.0 - 31 * k,
        0.9 - k / 50,
        0.03 if method == "DBSCAN" else None,
    )
    texts = (
        method,
        str(k),
        f"{values[2]:.2f}",
        "0.24 – 0.28",
        f"{values[4]:.2f}",
        f"{values[5]:,.0f}",
        f"{values[6]:.2f}",
        "–",
    )
    cells = tuple(Cell(value, text) for value, text in zip(values, texts, strict=True))
    return Row(cells, role="subject" if (method, k) == ("KMeans", 4) else "")


def groups_table(key: str, names: Sequence[str]) -> Table:
    columns = (
        Column("n", "City", "name"),
        Column("s", "Share", "bar"),
        Column("a", "All", "share"),
        Column("l", "Lift", "number"),
    )
    rows = tuple(
        Row(
            (
                Cell(n, n),
                Cell(0.4 / (i + 1), f"{40 / (i + 1):.0f}%", 1 / (i + 1)),
                Cell(0.2, "20%"),
                Cell(1.4 - i / 10, f"{1.4 - i / 10:.1f}×"),
            )
        )
        for i, n in enumerate(names[:5])
    )
    return Table(key, said("Cairo is over-represented by 1.4 times"), columns, rows)
