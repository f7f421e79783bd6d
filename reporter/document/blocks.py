"""What a report is made of: all that a template may see. Values only; no number is computed here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from reporter.shown import html_of, text_of


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was printed: its name, its exact value and its text; `cases` has the text in other cases of its language, where they differ."""

    name: str
    value: float | int | str
    text: str
    cases: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A template and what its fields stand for."""

    template: str
    values: tuple[tuple[str, Number | Said | str], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """An enumeration: A, B and C."""

    phrases: tuple[Said, ...]
    last: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences one after the other."""

    sentences: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A sentence of at most so many letters."""

    whole: Said
    longest: int


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence (or a phrase) with the numbers in it. Only `words.say` makes one.

    `made` remembers of what it was made, so that it can be told again in another language; what is compared and printed is the text.
    """

    text: str
    numbers: tuple[Number, ...] = ()
    made: Sentence | Listing | Paragraph | Cut | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


SILENT = Said("")


@dataclass(frozen=True, slots=True)
class Footnote:
    """A term explained at the foot of the page: the number of its paragraph, the word as it stands there, the term and its meaning."""

    paragraph: int
    word: str
    term: Said
    meaning: Said


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs. `kind` is ``lede`` (large, one paragraph), ``body`` or ``note`` (small, muted). Footnotes are for paper only."""

    paragraphs: tuple[Said, ...]
    kind: Literal["lede", "body", "note"] = "body"
    footnotes: tuple[Footnote, ...] = ()


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of findings or steps; each has a bold lead and a sentence. `terms`: leads are terms, and a screen explains them wherever they stand."""

    items: tuple[tuple[Said, Said], ...]
    numbered: bool = False
    terms: bool = False


@dataclass(frozen=True, slots=True)
class Stat:
    """A KPI tile.

    Attributes
    ----------
    change : Said
        "+8.4 % against the 365 days before", or silent where nothing can be compared.
    trend : {"up", "down", "flat", ""}
        Arrow of the change.
    good : bool or None
        Whether the change is welcome; None: neither.
    spark : tuple of float
        At most 24 values of full periods, oldest first; empty: no sparkline.
    """

    label: str
    value: Said
    change: Said = SILENT
    trend: Literal["up", "down", "flat", ""] = ""
    good: bool | None = None
    spark: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Stats:
    """A row of at most four tiles."""

    stats: tuple[Stat, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A table column.

    `kind` decides format and alignment: ``text`` and ``name`` left (``name`` is the row header, with a colour dot where the row has a colour),
    all others right with tabular figures; ``bar`` is a share drawn as an in-cell bar with its number.
    """

    key: str
    label: str
    kind: Literal["name", "text", "count", "number", "money", "share", "bar", "days", "date", "score"] = "text"


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell: exact value, printed text, and for ``bar`` columns the bar's width 0..1 of the column's largest value."""

    value: Any
    text: str
    bar: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A table row. `colour` is a segment or cluster slot (1..12) or 0; `role` is ``total`` for the bold bottom row, ``subject`` for a tinted one."""

    cells: tuple[Cell, ...]
    colour: int = 0
    role: Literal["", "total", "subject"] = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    `id` is unique in the document and names its sheet in ``segments.xlsx``. The workbook has all `rows`; the report leaves the last `more` of them
    (totals not counted) to the workbook and says so.
    """

    id: str
    title: Said
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    source: Said = SILENT
    more: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """A picture to be drawn, and once drawn its SVG.

    Attributes
    ----------
    id : str
        Unique in the document; salt and prefix of the SVG's ids.
    title : Said
        The message, a sentence.
    subtitle : Said
        Who, what measure and unit, when.
    source : Said
        Where the numbers come from, period and n.
    alt : str
        What a reader who cannot see the picture should know.
    draw : str
        Name of the function in ``document.charts`` that draws it.
    data : tuple
        Its arguments (picklable, small).
    size : {"full", "half", "third", "wide"}
        Width of the text column (174 mm), half of it, a third, or two thirds.
    height_mm : float
    svg : str
        Empty until `ink` has drawn it.
    numbers : Table or None
        What is drawn, as numbers: on a screen only, folded under the picture; None where a table beside it has them, or dots are customers.
    """

    id: str
    title: Said
    subtitle: Said
    source: Said
    alt: str
    draw: str
    data: tuple[Any, ...]
    size: Literal["full", "half", "third", "wide"] = "full"
    height_mm: float = 62.0
    svg: str = ""
    numbers: Table | None = None


@dataclass(frozen=True, slots=True)
class Callout:
    """A box that stands out: what to do (``action``), the verdict, a limit of the data, an aside (``note``), or a line with what follows from a section (``sowhat``)."""

    kind: Literal["action", "verdict", "limit", "note", "sowhat"]
    title: Said
    body: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """Blocks side by side (two halves, or wide and third), on a phone one under the other."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Details:
    """Blocks that a reader may skip: folded in the HTML, and printed in the PDF unless they are for a screen only."""

    summary: Said
    blocks: tuple[Block, ...]
    on_paper: bool = True


@dataclass(frozen=True, slots=True)
class State:
    """What is shown when a reader chooses `label`.

    Attributes
    ----------
    sizes : tuple of (Said, float)
        Parts of the whole, each with its share 0..1.
    says : Said
        What there is to say of this choice.
    """

    label: Said
    stats: Stats
    sizes: tuple[tuple[Said, float], ...]
    says: Said


@dataclass(frozen=True, slots=True)
class States:
    """Several states of one thing to choose from, on a screen only; paper has what the report says of the chosen one anyway.

    Attributes
    ----------
    id : str
        Unique in the document.
    title : Said
    legend : str
        What the labels of the states count or name.
    states : tuple of State
    chosen : int
        Place of the state that the report has chosen and that is shown first.
    """

    id: str
    title: Said
    legend: str
    states: tuple[State, ...]
    chosen: int


Block = Prose | Bullets | Stats | Table | Chart | Callout | Beside | Details | States


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report under an action title.

    Attributes
    ----------
    id : str
        Anchor.
    title : Said
        A full sentence with a number, at most two lines.
    short : str
        For contents, bookmarks and running headers.
    kicker : str
        Small capitals above the title.
    colour : int
        Segment slot of the kicker, 0: accent.
    breaks : bool
        Whether it starts a new page in the PDF.
    level : int
        1 for a chapter, 2 for a part of one.
    full : bool
        Whether it fills one page by itself: its blocks stand a little closer.
    half : bool
        Whether it shares a page with its like: it stays in one piece.
    """

    id: str
    title: Said
    short: str
    kicker: str
    blocks: tuple[Block, ...]
    colour: int = 0
    breaks: bool = True
    level: int = 1
    full: bool = False
    half: bool = False


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture of the house, vetted: `source` is a ``data:`` address, `alt` what a reader who cannot see it should know."""

    source: str
    alt: str


@dataclass(frozen=True, slots=True)
class Look:
    """What a user has said about paper and colours.

    Attributes
    ----------
    paper : {"A4", "letter"}
    inks : tuple of (str, str)
        Names of ``tokens.css`` and the colours that stand in for theirs; empty: none.
    """

    paper: Literal["A4", "letter"] = "A4"
    inks: tuple[tuple[str, str], ...] = ()


PLAIN = Look()


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page and the outer facts of the report: all texts, formatted; `created` is the as-of day in ISO form, for the files' metadata."""

    title: str
    headline: Said
    organisation: str
    author: str
    confidentiality: str
    period: str
    as_of: str
    prepared: str
    language: str
    created: str = ""
    logo: Logo | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A report, ready to be drawn and rendered.

    Attributes
    ----------
    cover : Cover
    sections : tuple of Section
        What the pages show, in reading order.
    palette : dict of str to int
        The colour slot of each segment (1..12), the same in every chart and table.
    provenance : str
        The footer line.
    edition : {"full", "brief"}
        ``full`` has a cover and contents, ``brief`` is two pages under one head.
    look : Look
    unshown : tuple of Section
        What the pages leave out: its tables are in the workbook and its numbers in the facts all the same.
    """

    cover: Cover
    sections: tuple[Section, ...]
    palette: dict[str, int]
    provenance: str
    edition: Literal["full", "brief"] = "full"
    look: Look = PLAIN
    unshown: tuple[Section, ...] = ()

    __repr__ = text_of
    _repr_html_ = html_of
