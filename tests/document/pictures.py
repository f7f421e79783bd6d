"""Placeholder charts in the colours and sizes of the real ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from html import escape

from reporter.document.blocks import Cell, Chart, Column, Row, Said, Table
from reporter.document.tokens import read_tokens

COLOURS = [read_tokens()[f"segment-{slot}"] for slot in range(1, 13)]
WIDTHS_MM = {"full": 174.0, "wide": 104.0, "third": 66.0, "half": 85.0}


def wave(n: int, phase: float = 0.0, slope: float = 0.0) -> tuple[float, ...]:
    """A smooth made-up series."""
    return tuple(100 + 12 * math.sin(i / 2.1 + phase) + 5 * math.sin(i * 1.7 + phase) + slope * i for i in range(n))


def svg(width_mm: float, height_mm: float, body: str, key: str) -> str:
    """An SVG root of exact size in points, as the charts make it."""
    w, h = width_mm * 72 / 25.4, height_mm * 72 / 25.4
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w:.1f}pt" height="{h:.1f}pt" viewBox="0 0 {w:.1f} {h:.1f}">'
        f'<g id="{key}-axes">{body}</g></svg>'
    )


def text(x: float, y: float, words: str, anchor: str = "start", fill: str = "#5b6773", weight: int = 400) -> str:
    """A label."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="Inter" font-size="7" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'
    )


def bars(key: str, title: str, labels: Sequence[str], size: str = "full", height_mm: float = 62.0) -> Chart:
    """Horizontal bars, subject against context."""
    w, h = WIDTHS_MM[size] * 72 / 25.4, height_mm * 72 / 25.4
    left, step = 96.0 if size == "full" else 70.0, (h - 18) / len(labels)
    body = "".join(
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{h - 14:.1f}" stroke="#e6eaee" stroke-width="0.5"/>'
        for x in (left + (w - left - 30) * i / 4 for i in range(5))
    )
    for i, label in enumerate(labels):
        share, y = 1 / (1 + 0.45 * i), 2 + i * step
        width = (w - left - 30) * share
        body += text(left - 5, y + step * 0.5, label[:18], "end", "#16202a")
        body += (
            f'<rect x="{left}" y="{y:.1f}" width="{width:.1f}" height="{step * 0.45:.1f}" fill="{COLOURS[i % 11]}"/>'
        )
        body += f'<rect x="{left}" y="{y + step * 0.45:.1f}" width="{width * 0.6:.1f}" height="{step * 0.27:.1f}" fill="#c3cbd3"/>'
        body += text(left + width + 4, y + step * 0.42, f"{41 * share:.0f}%", "start", "#16202a", 600)
    return replace(_chart(key, title, size, height_mm, body), numbers=_numbers(key, title, labels))


def _numbers(key: str, title: str, labels: Sequence[str]) -> Table:
    """The shares of the bars."""
    shares = [0.41 / (1 + 0.45 * i) for i in range(len(labels))]
    rows = tuple(
        Row((Cell(label, label), Cell(share, f"{share:.0%}"))) for label, share in zip(labels, shares, strict=True)
    )
    return Table(key, Said(title), (Column("name", "Name", "name"), Column("share", "Share", "share")), rows)


def line(key: str, title: str, colour: str = "#116fa7", size: str = "full", height_mm: float = 62.0) -> Chart:
    """A line over time with a direct label at its end."""
    w, h = WIDTHS_MM[size] * 72 / 25.4, height_mm * 72 / 25.4
    left, right, low = 26.0, w - 26, h - 16
    values = wave(24, len(key), 1.2)
    body = "".join(
        f'<line x1="{left}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e6eaee" stroke-width="0.5"/>'
        + text(left - 4, y + 2.5, f"{200 - 50 * i}", "end")
        for i, y in enumerate(8 + (low - 8) * i / 4 for i in range(5))
    )
    points = [(left + (right - left) * i / 23, low - (low - 8) * v / 200) for i, v in enumerate(values)]
    body += '<polyline fill="none" stroke="{}" stroke-width="1.6" points="{}"/>'.format(
        colour, " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    )
    x, y = points[-1]
    body += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{colour}"/>' + text(
        x + 4, y + 2.5, "128", "start", colour, 600
    )
    months = ("Oct", "Jan", "Apr", "Jul", "2026", "Apr", "Jul") if size == "full" else ("Oct", "2026", "Jul")
    body += "".join(text(left + (right - left) * i / len(months), h - 4, m, "start") for i, m in enumerate(months))
    return _chart(key, title, size, height_mm, body)


def heat(key: str, title: str, size: str = "half", height_mm: float = 70.0, blend: bool = False) -> Chart:
    """A heat map; `blend` uses colours between the tokens, as a continuous scale would."""
    ramp = ["#eef4f8", "#cfe1ee", "#9fc5de", "#62a1c8", "#2a7fb2", "#0b5a8a"]
    if blend:
        ramp = ["#e1ecf4", "#b7d3e6", "#80b3d3", "#4690bd", "#1b6d9e", "#0b5a8a"]
    w, h = WIDTHS_MM[size] * 72 / 25.4, height_mm * 72 / 25.4
    body, cw, ch = "", (w - 20) / 5, (h - 16) / 5
    for r in range(5):
        for f in range(5):
            level = (r * 5 + f * 3) % 6
            x, y = 18 + f * cw, r * ch
            body += (
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{cw - 1.5:.1f}" height="{ch - 1.5:.1f}" fill="{ramp[level]}"/>'
            )
            body += text(
                x + cw / 2, y + ch / 2 + 2, f"{level * 71 + 12}", "middle", "#fefefe" if level > 3 else "#13212c"
            )
        body += text(12, r * ch + ch / 2 + 2, f"{5 - r}", "end")
    body += "".join(text(18 + f * cw + cw / 2, h - 5, str(f + 1), "middle") for f in range(5))
    return _chart(key, title, size, height_mm, body)


def _chart(key: str, title: str, size: str, height_mm: float, body: str) -> Chart:
    return Chart(
        id=key,
        title=Said(title),
        subtitle=Said("Share of revenue (colour) and of customers (grey), EGP, last 12 months"),
        source=Said("Source: transactions sheet, 1 October 2025 – 30 September 2026; n = 12,480 customers."),
        alt=f"{title}. Falling from left to right.",
        draw="bars",
        data=(),
        size=size,  # type: ignore[arg-type]
        height_mm=height_mm,
        svg=svg(WIDTHS_MM[size], height_mm, body, key),
    )
