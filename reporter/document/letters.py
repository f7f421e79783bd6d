"""What the glyphs of the bundled Arabic letters mean, so that words copied out of a PDF, or searched in it, are the words that were written.

A PDF renderer notes for each glyph the text under which it first came. Where a sign stands over a letter that is the text of both, and one of the
two would mean nothing; the font itself knows better.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from reporter.document.tokens import templates_folder

JOINER = "\u200d"
"""What a glyph means that is no letter of its own, such as two signs over one letter; every glyph must mean something."""
_MEANING = re.compile(rb"<([0-9a-f]{4})> <([0-9a-f]*)>")


def spell(name: str, lines: list[bytes]) -> None:
    """Mend what the glyphs of a font mean, where it is ours.

    Parameters
    ----------
    name : str
        The font's name in the PDF.
    lines : list of bytes
        Its ``ToUnicode`` map, changed in place.
    """
    if "Reporter-Arabic" not in name:
        return
    known = meanings(600 if "Bold" in name else 400)
    lines[:] = [_MEANING.sub(lambda line: _spelled(line, known), line) for line in lines]


@cache
def meanings(weight: int) -> Mapping[int, str]:
    """Glyph to the one character that it means.

    Letters mean themselves, whatever shape they take. Lam with alef, which is one glyph, means the one character that Unicode has for it: readers turn two
    characters of a glyph round, and searching takes both for the same (NFKC).
    """
    from fontTools.ttLib import TTFont

    font = TTFont(templates_folder() / "fonts" / f"ReporterArabic-{weight}.woff2")
    found: dict[int, str] = {}
    for code, glyph in sorted(font.getBestCmap().items()):
        letters = unicodedata.normalize("NFKC", chr(code))
        found.setdefault(font.getGlyphID(glyph), letters if len(letters) == 1 else chr(code))
    return found


def _spelled(line: re.Match[bytes], known: Mapping[int, str]) -> bytes:
    meaning = known.get(int(line[1], 16)) or bytes.fromhex(line[2].decode()).decode("utf-16-be") or JOINER
    return b"<%s> <%s>" % (line[1], meaning.encode("utf-16-be").hex().encode())
