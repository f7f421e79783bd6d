"""Section "RFM": the three measures, their scores, and the named segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from reporter.analysis.analyse import Analysis, Segmentation
from reporter.analysis.rfm import Scorecard
from reporter.analysis.segments import Segment
from reporter.document.blocks import Beside, Chart, Column, Prose, Said, Section, Table
from reporter.document.compose.conclude import so_what
from reporter.document.compose.small import hidden_cells, hidden_line
from reporter.document.compose.tables import MISSING, table, with_source
from reporter.document.narrate import customers as say_customers
from reporter.document.narrate import places, sowhat
from reporter.document.narrate import rfm as narrate
from reporter.document.narrate.summary import few
from reporter.document.words import Word, Words, paragraph

CHAPTER = "Recency, frequency, monetary"
SHORT = "RFM"


def rfm(words: Words, analysis: Analysis, palette: dict[str, int], min_group: int) -> tuple[Section, ...]:
    """Distributions and boundaries, then the segments."""
    as_of = words.day(analysis.ledger.as_of, "as_of")
    source = say_customers.customers_source(words, analysis.overview, as_of)
    return (
        _scores(words, analysis, source, min_group),
        _segments(words, analysis, palette, (source, min_group)),
    )


def names(words: Words) -> dict[str, tuple[Word, str]]:
    """Label and unit of the three measures."""
    worth: str = Word("burned coupons")
    if words.mode == "money":
        worth = words.currency or Word("revenue")
    return {
        "recency_days": (Word("Recency"), Word("days")),
        "frequency": (Word("Frequency"), Word("transactions")),
        "monetary": (Word("Monetary"), worth),
    }


def headed(words: Words) -> dict[str, str]:
    """The three measures with their units, as heads of columns."""
    return {dimension: _axis(words, label, unit) for dimension, (label, unit) in names(words).items()}


def _axis(words: Words, label: str, unit: str) -> str:
    return words.label("{label}, {unit}", label=label, unit=unit)


def _scores(words: Words, analysis: Analysis, source: Said, min_group: int) -> Section:
    card = analysis.scorecard
    recency, *others = (_histogram(words, card, dimension, source) for dimension in names(words))
    about = (
        narrate.rule(words, card),
        narrate.levels(words, card),
    )
    return Section(
        "scores",
        narrate.scores_title(words, card),
        SHORT,
        CHAPTER,
        (
            Prose((narrate.definitions(words, words.day(analysis.ledger.as_of).text), paragraph(*about))),
            recency,
            Beside(tuple(others)),
            with_source(boundaries(words, card, min_group, headed(words)), source),
            *so_what(sowhat.scores(words, card), not few(analysis)),
        ),
    )


def _histogram(words: Words, card: Scorecard, dimension: str, source: Said) -> Chart:
    label, unit = names(words)[dimension]
    return Chart(
        id=f"histogram-{dimension.replace('_', '-')}",
        title=narrate.histogram_title(words, card, dimension, label),
        subtitle=Said(
            words.label(
                "Customers by {label} ({unit}); vertical rules are the score boundaries",
                label=Word(label.lower()),
                unit=unit,
            )
        ),
        source=source,
        alt=words.label("Histogram of {label} with the score boundaries.", label=Word(label.lower())),
        draw="score_histogram",
        data=(
            card.frame[dimension].to_numpy(),
            card.boundaries[card.boundaries["dimension"] == dimension],
            words.label(label),
            words.label(unit),
        ),
        size="full" if dimension == "recency_days" else "half",
        height_mm=26.0,
    )


def boundaries(words: Words, card: Scorecard, least: int, heads: Mapping[str, str]) -> Table:
    """One row per score: from, to and customers of each measure; dashes for a score of few customers.

    Parameters
    ----------
    least : int
        Customers that a score must have to be shown.
    heads : mapping of str to str
        Each measure and what its column is called.
    """
    wide = pd.DataFrame({"score": range(card.grid.bins, 0, -1)})
    columns = [Column("score", "Score", "score")]
    for dimension, head in heads.items():
        part = card.boundaries[card.boundaries["dimension"] == dimension].set_index("score")
        money = dimension == "monetary" and words.mode == "money"
        span = float(part["low"].min()), float(part["high"].max())
        wide[f"{dimension}_range"] = [
            range_text(words, (part.loc[score, "low"], part.loc[score, "high"]), span, money)
            if part.loc[score, "customers"] == 0 or part.loc[score, "customers"] >= least
            else MISSING
            for score in wide["score"]
        ]
        counts = part.loc[wide["score"], "customers"].to_numpy("int64")
        wide[f"{dimension}_customers"] = pd.Series(counts, dtype="object").mask(hidden_line(counts, least), None)
        columns += [
            Column(f"{dimension}_range", head, "score"),
            Column(f"{dimension}_customers", "Customers", "count"),
        ]
    return table(words, ("boundaries", narrate.cells_title(words, card)), columns, wide)


def range_text(words: Words, between: tuple[float, float], span: tuple[float, float], money: bool) -> str:
    """From and to; open at the ends of the whole span, because the largest value of all is that of one customer."""
    low, high = between
    if pd.isna(low):
        return words.label("nobody")
    low_text, high_text = (words.number(v).text if money else words.count(v).text for v in (low, high))
    if low_text == high_text:
        return low_text
    if low == span[0]:
        return words.label("up to {high}", high=high_text)
    if high == span[1]:
        return words.label("{low} or more", low=low_text)
    return words.label("{low} to {high}", low=low_text, high=high_text)


def heat_cells(card: Scorecard, least: int) -> pd.DataFrame:
    """The matrix of scores; small cells and those that would give them away have neither customers nor a mean."""
    counts = np.zeros((card.grid.bins, card.grid.bins), dtype="int64")
    place = card.heat["r_score"].to_numpy() - 1, card.heat["f_score"].to_numpy() - 1
    counts[place] = card.heat["customers"].to_numpy()
    hidden = hidden_cells(counts, least)[place]
    heat = card.heat.astype({"customers": "float64"})
    return heat.assign(**{column: heat[column].mask(hidden) for column in ("customers", "mean_monetary")})


def _segments(words: Words, analysis: Analysis, palette: dict[str, int], context: tuple[Said, int]) -> Section:
    source, min_group = context
    pictures = treemap(words, analysis, palette, source), _heat(words, analysis, source, min_group)
    return Section(
        "segments",
        narrate.segments_title(words, analysis.segments),
        "The segments",
        CHAPTER,
        (
            Prose((narrate.segments_lede(words, analysis.segments, analysis.scorecard),), kind="lede"),
            with_source(segment_table(words, analysis, palette), source),
            Beside(pictures),
            *so_what(sowhat.segments(words, analysis.segments), not few(analysis)),
        ),
        breaks=False,
        level=2,
    )


def treemap(words: Words, analysis: Segmentation, palette: dict[str, int], source: Said) -> Chart:
    """Segments by their number of customers."""
    frame = pd.DataFrame(
        [(s.name, s.customers, s.monetary_share) for s in analysis.segments],
        columns=["name", "customers", "monetary_share"],
    )
    return Chart(
        id="segment-treemap",
        title=narrate.treemap_title(words, analysis.segments),
        subtitle=Said("Area: customers of each segment"),
        source=source,
        alt="Treemap of segments by number of customers.",
        draw="segment_treemap",
        data=(frame, palette),
        size="half",
        height_mm=45.0,
    )


def segment_table(words: Words, analysis: Segmentation, palette: dict[str, int]) -> Table:
    """Size, value and medians of every segment, and the total."""
    frame = segment_frame(analysis.segments)
    scored = analysis.scorecard.frame
    total = {
        "segment": Said("All customers"),
        "customers": len(scored),
        "share": 1.0,
        "monetary": analysis.overview.monetary if words.mode == "coupon" else float(frame["monetary"].sum()),
        "monetary_share": 1.0,
        **{f"median_{name}": median for name, median in analysis.scorecard.medians.items()},
    }
    if analysis.overview.coupons is not None:
        total["burn_rate"] = analysis.overview.coupons.burn_rate
    return table(
        words,
        ("segments", narrate.table_title(words, analysis.segments)),
        segment_columns(words),
        frame,
        palette,
        total,
    )


def segment_columns(words: Words) -> list[Column]:
    """What a table of segments tells of each."""
    value = "Revenue" if words.mode == "money" else "Burned"
    columns = [
        Column("segment", "Segment", "name"),
        Column("customers", "Customers", "count"),
        Column("share", "Share", "bar"),
        Column("monetary", value, "money"),
        Column("monetary_share", words.label("Share of {value}", value=Word(value.lower())), "bar"),
        Column("median_recency_days", "Recency, days", "days"),
        Column("median_frequency", "Frequency", "days"),
        Column("median_monetary", "Monetary", "money"),
    ]
    return [*columns, Column("burn_rate", "Burn rate", "share")] if words.mode == "coupon" else columns


def segment_frame(segments: tuple[Segment, ...]) -> pd.DataFrame:
    """One row per segment, with the columns that `segment_columns` names."""
    return pd.DataFrame([_row(segment) for segment in segments])


def _row(segment: Segment) -> dict[str, object]:
    fields = (
        "customers",
        "share",
        "monetary",
        "monetary_share",
        "median_recency_days",
        "median_frequency",
        "median_monetary",
        "burn_rate",
    )
    return {"segment": Said(segment.name)} | {field: getattr(segment, field) for field in fields}


def _heat(words: Words, analysis: Analysis, source: Said, min_group: int) -> Chart:
    card = replace(analysis.scorecard, heat=heat_cells(analysis.scorecard, min_group))
    return Chart(
        id="rfm-heat",
        title=narrate.heat_title(words, card),
        subtitle=places.with_hidden(
            words,
            words.label("Recency by frequency score; colour: mean {value}, number: customers", value=words.value_noun),
            bool(card.heat["customers"].isna().any()),
            min_group,
        ),
        source=source,
        alt="Matrix of recency and frequency scores.",
        draw="rfm_heat",
        data=(card.heat, card.grid.bins, words.label("Mean {value}", value=words.value_noun)),
        size="half",
        height_mm=45.0,
    )


def scatter(words: Words, analysis: Analysis, pair: tuple[str, str], palette: dict[str, int], source: Said) -> Chart:
    """One dot a customer; recency against monetary, the picture of the segments, is drawn large."""
    x, y = pair
    (x_label, x_unit), (y_label, y_unit) = names(words)[x], names(words)[y]
    correlation = analysis.features.correlation
    rho = float(correlation.loc[x, y]) if x in correlation.index and y in correlation.index else None
    wide = pair == ("recency_days", "monetary")
    return Chart(
        id=f"scatter-{x}-{y}".replace("_", "-"),
        title=narrate.scatter_title(words, (x_label, y_label), None if rho is None or pd.isna(rho) else rho),
        subtitle=Said(
            words.label(
                "{y} ({y_unit}) by {x} ({x_unit}), colour: segment",
                y=y_label,
                y_unit=y_unit,
                x=Word(x_label.lower()),
                x_unit=x_unit,
            )
        ),
        source=source,
        alt=words.label("Scatter of {y} by {x}, one dot a customer.", y=Word(y_label.lower()), x=Word(x_label.lower())),
        draw="score_scatter",
        data=(analysis.sample, pair, (_axis(words, x_label, x_unit), _axis(words, y_label, y_unit)), palette, None),
        size="full" if wide else "half",
        height_mm=88.0 if wide else 58.0,
    )
