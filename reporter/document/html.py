"""A document becomes one HTML file: the only Jinja environment.

The file asks for nothing: fonts, pictures and its few lines of script are inside, and its content security policy forbids the rest.
Screen and paper share one DOM; the style sheet for paper is the base and the one for the screen adds to it.
"""

from __future__ import annotations

import math
import re
from base64 import b64encode
from datetime import date
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path

from defusedxml import ElementTree
from jinja2 import Environment
from markupsafe import Markup

from reporter.digits import significant
from reporter.document.blocks import (
    PLAIN,
    Beside,
    Block,
    Cell,
    Chart,
    Document,
    Footnote,
    Look,
    Row,
    Said,
    Section,
    Stats,
    Table,
)
from reporter.document.ink import charts_of
from reporter.document.styles import (
    direction_in,
    direction_of,
    look_style,
    notebook_style,
    on_paper,
    paper_style,
    screen_style,
)
from reporter.document.templates import environment_of, fault_of
from reporter.document.tokens import inked_tokens, templates_folder
from reporter.document.tongue import SOURCE, tongue_of
from reporter.document.vetting import more_than_picture
from reporter.document.words import decimal
from reporter.errors import ReporterError

MOST_FOLDED = 100
"""Rows of one table that the page holds folded; what is beyond stays in the workbook."""
SCRIPTS = ("words", "tables", "segments", "charts", "states", "terms", "page")
"""Parts of the page's script, in the order in which they run."""
_ID = re.compile(r'(?<=[a-z"]) id="[^"<>]*"(?=[ >])')
LONGEST_TEXT = 80
LONGEST_WORD = 24

WIDTHS_MM = {"full": 170, "wide": 104, "third": 66, "half": 85}
"""Of charts side by side, with a gutter of 4 mm between two."""


def to_html(document: Document, templates: str = "") -> str:
    """Render a document whose charts are drawn.

    Parameters
    ----------
    document : Document
    templates : str
        A folder of own templates, which go before ours of the same name; empty: only ours.

    Returns
    -------
    str
        A complete HTML file. Equal documents give equal text.

    Raises
    ------
    ValueError
        When a chart is not drawn, or its SVG holds more than a picture.
    UsageError
        When an own template cannot be rendered.

    Examples
    --------
    Of the document in the example of `reporter`:

    >>> import reporter
    >>> html = reporter.to_html(document)
    >>> html[:15], "https://" in html
    ('<!DOCTYPE html>', False)
    """
    try:
        return _rendered(document, templates)
    except Exception as error:
        if templates and not isinstance(error, ReporterError):
            raise fault_of(error) from error
        raise


def to_fragment(section: Section, language: str = SOURCE) -> str:
    """Render one section by itself, with a style of its own that holds inside of it alone: for a page that is not ours.

    Parameters
    ----------
    section : Section
        Its charts, if it has any, are drawn.
    language : str
        Babel locale name of its words.

    Returns
    -------
    str
        One ``<div>``: no script, no address, no ids, for the page around it may hold the like.
    """
    fragment = (
        _ours(templates_folder(), PLAIN, language)
        .get_template("notebook.html")
        .render(
            section=section,
            language=language,
            direction=direction_in(language),
            style=_own(notebook_style(pictures=bool(charts_of(section)))),
        )
    )
    return _ID.sub("", on_paper(fragment))


def load_templates(document: Document) -> None:
    """Compile our templates ahead, which takes half of the time of `to_html`: somebody else draws the charts of the document meanwhile."""
    environment = _ours(templates_folder(), document.look, document.cover.language)
    for name in environment.list_templates(["html"]):
        if name == "report.html" or "_" in name:  # the others are no part of it
            environment.get_template(name)


@lru_cache(maxsize=16)
def _ours(folder: Path, look: Look, language: str) -> Environment:
    """Of our own templates; a notebook and the editions of many readers ask for it again and again."""
    return _environment(folder, look, language)


def _rendered(document: Document, templates: str) -> str:
    about = templates_folder(), document.look, document.cover.language
    environment = _environment(*about, templates) if templates else _ours(*about)
    script = "".join((about[0] / "js" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    return environment.get_template("report.html").render(
        document=document,
        direction=direction_of(document),
        policy=_policy(script),
        style=_own(paper_style()),
        look=_own(look_style(document)),
        screen=_own(screen_style(document)),
        script=_own(script),
    )


def _environment(folder: Path, look: Look, language: str, templates: str = "") -> Environment:
    environment, tokens = environment_of(folder, templates), inked_tokens(look)
    environment.globals["term"] = lambda text: tongue_of(language).term(text)
    environment.filters |= {
        "partial": _partial,
        "chapters": _chapters,
        "columns": _columns,
        "soft": _soft,
        "clip": _clip,
        "around": _around,
        "noted": _noted,
        "spark": _spark,
        "printed": _printed,
        "folded": _folded,
        "coloured": partial(_coloured, language=language),
        "totals": _totals,
        "exact": _exact,
        "unit": _unit,
        "picture": _picture,
        "captions": _captions,
        "tall": _tall,
        "ink": lambda slot: tokens[f"segment-{slot}" if slot else "accent"],
        "plated": lambda chart: "<image" in chart.svg,
        "filled": lambda text, **values: Markup.escape(text).format(**values),
        "grouped": decimal,
    }
    return environment


# --- The shell -------------------------------------------------------------------------------------------------------


def _own(text: str) -> Markup:
    """Style and script out of our own files, which no name from the data ever enters."""
    return Markup(text)  # noqa: S704 - package files only


def _policy(script: str) -> str:
    digest = b64encode(sha256(script.encode()).digest()).decode()
    return (
        "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


# --- Filters: how a template sees a value ----------------------------------------------------------------------------


def _partial(block: Block) -> str:
    """The template of a block: `Prose` has ``blocks/_prose.html``."""
    return f"blocks/_{type(block).__name__.lower()}.html"


def _chapters(sections: tuple[Section, ...]) -> list[tuple[Section, list[Section]]]:
    """Chapters with their parts; a part before any chapter stands for itself."""
    chapters: list[tuple[Section, list[Section]]] = []
    for section in sections:
        if section.level == 1 or not chapters:
            chapters.append((section, []))
        else:
            chapters[-1][1].append(section)
    return chapters


def _columns(beside: Beside) -> list[tuple[Block, int]]:
    """Blocks with their widths in mm: charts as drawn, the others share what is left of 170."""
    drawn = [WIDTHS_MM[block.size] for block in beside.blocks if isinstance(block, Chart)]
    others = len(beside.blocks) - len(drawn)
    rest = max(170 - sum(drawn), 40) // others if others else 0
    return [(block, WIDTHS_MM[block.size] if isinstance(block, Chart) else rest) for block in beside.blocks]


def _captions(beside: Beside) -> str:
    """Height in rem of the tallest caption, so that pictures side by side begin on one line."""
    charts = [block for block in beside.blocks if isinstance(block, Chart)]
    return f"{max((_caption(chart) for chart in charts), default=0.0):.2f}"


def _caption(chart: Chart) -> float:
    """Estimated from the letters that a line holds: 1.8 mm each in a title, 1.34 mm in a subtitle."""
    width = WIDTHS_MM[chart.size]
    lines = math.ceil(len(chart.title.text) * 1.8 / width), math.ceil(len(chart.subtitle.text) * 1.34 / width)
    return lines[0] * 1.056 * 1.35 + lines[1] * 0.833 * 1.4


def _tall(stats: Stats) -> bool:
    """Whether a change takes two lines, so that all tiles of the row leave room for them; a line holds 27 letters in each of four tiles."""
    return max(len(stat.change.text) for stat in stats.stats) * len(stats.stats) > 27 * 4


def _clip(text: Said | str, longest: int = LONGEST_TEXT) -> str:
    """A text of at most so many characters; a cut one ends in an ellipsis."""
    words = str(text)
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def _soft(text: Said | str, longest: int = LONGEST_TEXT, word: int = LONGEST_WORD) -> Markup:
    """A clipped text whose long words may break and whose numbers do not: EGP 500 k stays on one line.

    No-break spaces, because beside a span that may not break WeasyPrint ends lines early.
    """
    words = _clip(text, longest)
    wholes = {number.text for number in text.numbers if " " in number.text} if isinstance(text, Said) else set()
    for whole in sorted(wholes, key=lambda whole: (-len(whole), whole)):
        words = words.replace(whole, whole.replace(" ", "\u00a0"))
    return _breakable(words, word)


def _noted(text: Markup, footnotes: tuple[Footnote, ...], paragraph: int) -> Markup:
    """A paragraph with the footnotes that belong to it, each after its word; they come in the order of their words, and no word of a footnote counts."""
    done, rest = Markup(""), text
    for note in footnotes:
        if note.paragraph == paragraph:
            foot = Markup('<span class="footnote">{}: {}</span>').format(note.term, note.meaning)
            found = re.search(rf"(?<!\w){re.escape(Markup.escape(note.word))}(?!\w)", rest)
            end = found.end() if found else 0
            done, rest = done + rest[:end] + foot, rest[end:]
    return done + rest


def _breakable(words: str, longest: int) -> Markup:
    if not re.search(rf"\S{{{longest + 1}}}|\s{{{longest + 1}}}", words):
        return Markup.escape(words)
    return Markup("").join(
        Markup("<wbr>").join(word[i : i + longest] for i in range(0, len(word), longest)) if word else word
        for word in re.split(r"(\s+)", words)
    )


def _around(said: Said) -> tuple[str, str, str]:
    """What stands before, in and after the first number of a sentence."""
    number = said.numbers[0].text if said.numbers else ""
    before, found, after = said.text.partition(number) if number else (said.text, "", "")
    return before, found, after


def _spark(values: tuple[float, ...], width: int = 92, height: int = 18) -> list[tuple[float, float]]:
    """Points of a sparkline in a box of `width` x `height`, with room for its last dot."""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = (width - 6) / max(len(values) - 1, 1)
    return [
        (round(3 + i * step, 2), round(height - 3 - (value - low) / span * (height - 6), 2))
        for i, value in enumerate(values)
    ]


def _printed(table: Table) -> tuple[Row, ...]:
    """The rows that the report prints, without totals and without those left to the workbook."""
    rows = tuple(row for row in table.rows if row.role != "total")
    return rows[: len(rows) - table.more]


def _folded(table: Table) -> tuple[Row, ...]:
    """The first of the rows that the report leaves to the workbook: a screen can unfold them."""
    rows = tuple(row for row in table.rows if row.role != "total")
    return rows[len(rows) - table.more :][:MOST_FOLDED]


def _coloured(chart: Chart, palette: dict[str, int], language: str = SOURCE) -> bool:
    """Whether the chart's colours are those of segments, and not of clusters or methods, which share them."""
    found = [value for value in chart.data if isinstance(value, dict) and all(isinstance(key, str) for key in value)]
    term = tongue_of(language).term
    return any({term(name): slot for name, slot in value.items()} == palette for value in found)


def _totals(table: Table) -> tuple[Row, ...]:
    return tuple(row for row in table.rows if row.role == "total")


def _exact(cell: Cell) -> str:
    """What a column is sorted by: a number of twelve digits, for those after them are the processor's; nothing where there is none."""
    value = cell.value.toordinal() if isinstance(cell.value, date) else cell.value
    try:
        number = float(value)
    except (TypeError, ValueError):
        return ""
    return repr(significant(number)) if math.isfinite(number) else ""


def _unit(share: float | None) -> str:
    """A bar's width as CSS takes it."""
    return f"{min(max(share or 0.0, 0.0), 1.0):.4f}"


def _picture(chart: Chart) -> Markup:
    """Our own SVG, marked safe: parsed as XML, nothing but a picture in it, and named for those who cannot see it.

    The name is a ``<title>``, because that is what tagged PDF reads; the script turns it into a label so that it is no tooltip.
    """
    svg = chart.svg[chart.svg.find("<svg") :].strip()
    if not svg.startswith("<svg"):
        raise ValueError(f"chart {chart.id!r} is not drawn")
    if "<!" in svg or "<?" in svg:
        raise ValueError(f"chart {chart.id!r}: markup declarations are no part of a picture")
    for element in ElementTree.fromstring(svg).iter():
        if fault := more_than_picture(element.tag, element.attrib):
            raise ValueError(f"chart {chart.id!r}: {fault}")
    root, rest = svg.split(">", 1)
    name = (
        Markup("")
        if rest.lstrip().startswith("<title")
        else Markup("<title>{}</title>").format(chart.alt or chart.title)
    )
    role = "" if " role=" in root else ' role="img"'
    return Markup(f"{root}{role}>{name}{rest}")  # noqa: S704 - vetted above, and `name` is escaped
