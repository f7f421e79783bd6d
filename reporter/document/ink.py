"""Fill every chart of a document with its SVG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import replace

from reporter.document.blocks import PLAIN, Beside, Block, Chart, Details, Document, Look, Section
from reporter.document.press import Press
from reporter.document.words import Words


class Inking:
    """The charts of one report, which can be drawn while it is being written.

    Parameters
    ----------
    words : Words
        How numbers are written: the same as in the sentences.
    look : Look
        Paper and colours of the report.
    press : Press
        Where the drawing is done.
    """

    def __init__(self, words: Words, look: Look, press: Press) -> None:
        self._words, self._look, self._press = words, look, press
        self._begun: dict[str, tuple[Chart, Future[str]]] = {}

    def begin(self, sections: Iterable[Section]) -> None:
        """Have the charts of some sections drawn, those that take longest first."""
        charts = (chart for section in sections for chart in _charts(section.blocks))
        for chart in sorted(charts, key=lambda chart: (-_size(chart), chart.id)):
            known, _ = self._begun.get(chart.id, (None, None))
            if known is None or not _is_same(known, chart):
                self._begun[chart.id] = chart, self._press.submit(draw, chart, self._words, self._look)

    def finish(self, document: Document) -> Document:
        """Draw what is not begun yet of the charts that the pages of a document show, and fill in all of them.

        Returns
        -------
        Document
            The same document with every ``Chart.svg`` filled.

        Raises
        ------
        ValueError
            When two charts share an id: their SVG could not stand in one page.
        """
        names = [chart.id for section in document.sections for chart in _charts(section.blocks)]
        if len(set(names)) < len(names):
            raise ValueError(f"charts share an id: {sorted({name for name in names if names.count(name) > 1})}")
        self.begin(document.sections)
        drawn = {name: self._begun[name][1].result() for name in names}
        sections = (replace(section, blocks=_inked(section.blocks, drawn)) for section in document.sections)
        return replace(document, sections=tuple(sections))


def ink(document: Document, words: Words, press: Press) -> Document:
    """Draw the charts that the pages show; the parameters and the result are those of `Inking`."""
    return Inking(words, document.look, press).finish(document)


def ink_section(section: Section, words: Words) -> Section:
    """One section with its charts drawn, here and now, in our own colours."""
    drawn = {chart.id: draw(chart, words) for chart in _charts(section.blocks)}
    return replace(section, blocks=_inked(section.blocks, drawn))


def charts_of(section: Section) -> tuple[Chart, ...]:
    """Its charts, wherever they stand."""
    return tuple(_charts(section.blocks))


def draw(chart: Chart, words: Words, look: Look = PLAIN) -> str:
    """Draw one chart and return its SVG.

    Raises
    ------
    ValueError
        When `Chart.draw` names no function of ``document.charts``.
    """
    from reporter.document import charts
    from reporter.document.charts.paper import plain_paper
    from reporter.document.svg import to_svg

    if chart.draw not in charts.__all__:
        raise ValueError(f"no picture function of this name: {chart.draw!r}")
    paper = plain_paper(words, look).sized(chart.size, chart.height_mm)
    return to_svg(getattr(charts, chart.draw)(paper, *chart.data), f"chart-{chart.id}", chart.alt)


def _charts(blocks: tuple[Block, ...]) -> Iterator[Chart]:
    for block in blocks:
        if isinstance(block, Chart):
            yield block
        elif isinstance(block, (Beside, Details)):
            yield from _charts(block.blocks)


def _is_same(one: Chart, other: Chart) -> bool:
    """Whether two charts are one picture: what is drawn is the same thing, and not only alike."""
    return one.data is other.data and _picture(one) == _picture(other)


def _picture(chart: Chart) -> tuple[object, ...]:
    return chart.id, chart.draw, chart.alt, chart.size, chart.height_mm


def _inked(blocks: tuple[Block, ...], drawn: dict[str, str]) -> tuple[Block, ...]:
    return tuple(_inked_block(block, drawn) for block in blocks)


def _inked_block(block: Block, drawn: dict[str, str]) -> Block:
    if isinstance(block, Chart):
        return replace(block, svg=drawn[block.id])
    if isinstance(block, (Beside, Details)):
        return replace(block, blocks=_inked(block.blocks, drawn))
    return block


def _size(chart: Chart) -> int:
    """Roughly how long a chart takes: the longest of its frames and arrays."""
    return max((len(value) for value in chart.data if hasattr(value, "__len__")), default=0)
