"""The mail of a finished run: subject, text, and a page of tables with inline styles, all out of ``facts.json``."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from babel.core import Locale

from reporter.document.blocks import Look, Said
from reporter.document.narrate import mail as narrate
from reporter.document.templates import environment_of
from reporter.document.tokens import inked_tokens, templates_folder
from reporter.document.words import Words, retell

if TYPE_CHECKING:
    from reporter.document.picture import Picture

MOST_BYTES = 60_000
"""Mail programs cut a page off near 102 kB, and count the encoding too."""
PITCH_MM, BARS_MM = 5.2, 4.0
"""Height of a bar with its gap, and of what is above and below all bars."""
LINE = 78


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, before it has sender and recipients.

    Attributes
    ----------
    subject : str
        One line.
    text : str
        For programs without HTML.
    html : str
        At most `MOST_BYTES`; it refers to its pictures as ``cid:`` and asks for nothing else.
    pictures : tuple of Picture
        Their names are what stands after ``cid:``.
    """

    subject: str
    text: str
    html: str
    pictures: tuple[Picture, ...]


def letter_of(facts: Mapping[str, Any], edition: str, attached: Sequence[str], templates: str = "") -> Letter:
    """Write the mail.

    Parameters
    ----------
    facts : mapping
        Content of ``facts.json`` of a finished run.
    edition : {"brief", "full"}
        What the recipients get.
    attached : sequence of str
        Names of the files that travel with it, as in ``mail.attach``.
    templates : str
        A folder of own templates, whose ``email.html`` goes before ours; empty: ours.

    Returns
    -------
    Letter
        Equal facts give equal letters.
    """
    gist = facts["gist"]
    words = Words(gist["language"], None, facts["mode"])
    told = _told(words, facts, edition, attached)
    pictures = tuple(_pictures(words, facts))
    tokens = inked_tokens(Look(inks=tuple(gist["inks"].items())))
    page = environment_of(templates_folder(), templates).get_template("email.html")
    html = page.render(
        gist=gist,
        language=gist["language"].replace("_", "-"),
        direction=_direction(gist["language"]),
        ink=tokens,
        pictures=pictures,
        **told,
    )
    return Letter(told["subject"], _text(gist, told), html, pictures)


def _told(words: Words, facts: Mapping[str, Any], edition: str, attached: Sequence[str]) -> dict[str, Any]:
    """What the mail says by itself, in the language of the report."""
    gist = facts["gist"]
    fired = [each for each in facts.get("alarms", ()) if each["fired"]]

    def tell(said: Said) -> str:
        return retell(said, words.tongue).text

    return {
        "subject": " ".join(tell(narrate.subject(gist["headline"], gist["as_of"])).split()),
        "alarms": [tell(narrate.alarm(words, each)) for each in fired],
        "attached": tell(narrate.attached(attached, edition)),
    }


def _pictures(words: Words, facts: Mapping[str, Any]) -> Iterator[Picture]:
    """The picture of the first page, drawn again for a narrow page."""
    from reporter.document.picture import to_png

    gist, chart = facts["gist"], facts["gist"]["chart"]
    if chart is None or not facts["segments"]:
        return
    columns = ["name", "share", "monetary_share"]
    frame = pd.DataFrame([[segment[c] for c in columns] for segment in facts["segments"]], columns=columns)
    drawing = "segment_bars", (frame, gist["palette"]), PITCH_MM * len(frame) + BARS_MM
    look = Look(inks=tuple(gist["inks"].items()))
    yield to_png(
        f"segments.{facts['run_id']}@reporter.invalid", f"{chart['title']}. {chart['alt']}", drawing, words, look
    )


def _direction(language: str) -> str:
    return str(Locale.parse(language.replace("-", "_")).text_direction)


def _text(gist: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """The same for programs that show letters alone."""
    parts = [[*(name for name in (gist["organisation"], gist["title"], gist["as_of"]) if name)], [gist["headline"]]]
    parts += [told["alarms"]] if told["alarms"] else []
    parts.append([gist["lede"]])
    parts.append(
        [f"{stat['label']}: {' · '.join(filter(None, (stat['value'], stat['change'])))}" for stat in gist["stats"]]
    )
    parts.append([f"- {each['lead']}: {each['text']}" for each in gist["findings"]])
    parts += [[f"{box['title']}:", *(f"- {each}" for each in box["body"])] for box in gist["boxes"]]
    parts.append([each for each in (told["attached"], gist["confidentiality"], gist["provenance"]) if each])
    return "\n\n".join("\n".join(map(_wrapped, lines)) for lines in parts if lines) + "\n"


def _wrapped(line: str) -> str:
    """Lines as long as a mail has them; what belongs to a point stands under it."""
    inside = "  " if line.startswith("- ") else ""
    return textwrap.fill(line, LINE, subsequent_indent=inside, break_long_words=False, break_on_hyphens=False)
