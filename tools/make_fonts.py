"""Make the bundled fonts in ``templates/fonts`` from the variable Inter and IBM Plex Sans Arabic.

Run ``python tools/make_fonts.py``; it needs ``fontpkg-inter==4.1.post1``, ``fontpkg-ibm-plex-sans-arabic==1.101``, ``fonttools`` and ``brotli``, and gives
the same bytes each time.

Static cuts, because matplotlib reads only those: TTF for charts and PDF, WOFF2 for the page. Inter reserves no font name, so
the licence (OFL 1.1) lets a subset keep it; Plex does, so its subset is called Reporter Arabic.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

import fontpkg_ibm_plex_sans_arabic
import fontpkg_inter
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FOLDER = Path(__file__).resolve().parent.parent / "templates" / "fonts"
SOURCE = Path(fontpkg_inter.__file__).parent
TEXT, DISPLAY = 14, 32
CUTS = {
    "Inter-400": ("Inter", 400, TEXT),
    "Inter-500": ("Inter", 500, TEXT),
    "Inter-600": ("Inter", 600, TEXT),
    "Inter-700": ("Inter", 700, TEXT),
    "InterDisplay-600": ("Inter Display", 600, DISPLAY),
}
READY = ("Inter-400", "Inter-600", "InterDisplay-600")
"""Cuts that are there as TTF too: those of charts, and all that the PDF needs, for unpacking them takes a third of a second of each run."""
SCRIPTS = (
    (0x0020, 0x017F),  # Latin, Latin-1, Extended-A
    (0x0192, 0x0192),
    (0x01CD, 0x01DC),  # Pinyin
    (0x0218, 0x021B),  # Romanian
    (0x0259, 0x0259),
    (0x02BC, 0x02DD),  # apostrophes and accents
    (0x0300, 0x0338),  # combining marks
    (0x0370, 0x03FF),  # Greek
    (0x0400, 0x045F),  # Cyrillic
    (0x0490, 0x0493),
    (0x049A, 0x04E9),  # Cyrillic of Central Asia
    (0x1E80, 0x1E9E),
    (0x1EA0, 0x1EF9),  # Vietnamese
    (0x2000, 0x206F),  # punctuation
    (0x2070, 0x208E),  # super- and subscripts
    (0x20A0, 0x20C0),  # currency
    (0x2116, 0x2126),  # №, ™, Ω
    (0x2190, 0x2199),  # arrows
    (0x2200, 0x2265),  # mathematics: −, ≤, ≥, ≈
    (0x25A0, 0x25CF),  # triangles, dots
)
ARABIC = Path(fontpkg_ibm_plex_sans_arabic.__file__).parent
ARABIC_CUTS = {400: "Regular", 600: "SemiBold"}
LATIN = ((0x0020, 0x00FF), (0x2010, 0x2044), (0x2150, 0x215E), (0x2212, 0x2212), (0x2248, 0x2265))
"""What stands among Arabic words in a chart, signs and dashes too; on a page Inter writes it."""
ARABIC_SCRIPTS = (
    (0x0020, 0x0020),
    (0x00A0, 0x00A0),
    (0x060C, 0x060C),  # comma
    (0x061B, 0x061C),  # semicolon, letter mark
    (0x061F, 0x063A),  # question mark, letters
    (0x0640, 0x0652),  # letters, vowels
    (0x0660, 0x066C),  # digits, per cent, separators
    (0x0670, 0x0671),
    (0x067E, 0x067E),  # letters that names need: peh, tcheh, jeh, veh, gaf
    (0x0686, 0x0686),
    (0x0698, 0x0698),
    (0x06A4, 0x06A4),
    (0x06AF, 0x06AF),
    (0x200C, 0x200F),  # joiners and marks of direction
)
ARABIC_FEATURES = ["ccmp", "locl", "isol", "init", "medi", "fina", "rlig", "kern", "mark", "mkmk"]
LAMS = ("uniFEDF", "uniFEE0")
ALEFS = ("uniFE8E", "uniFE88", "uniFE84", "uniFE82")
"""Glyphs of the letter lam that join the next letter, and of alef, bare or with a sign, at the end of a word."""
FEATURES = ["kern", "mark", "ccmp", "locl", "tnum"]


def make(stem: str, family: str, weight: int, optical_size: int) -> None:
    """Write one static, subset cut as TTF and WOFF2."""
    font = TTFont(SOURCE / "files" / "Inter[opsz,wght].ttf", recalcTimestamp=False)
    font = instantiateVariableFont(font, {"wght": weight, "opsz": optical_size}, inplace=True)
    keep_only_scripts(font)
    rename(font, family, weight)
    if stem in READY:
        font.save(FOLDER / f"{stem}.ttf")
    font.flavor = "woff2"
    font.save(FOLDER / f"{stem}.woff2")


def make_arabic(weight: int, cut: str) -> None:
    """Write one subset cut of IBM Plex Sans Arabic: TTF with Latin letters for the charts, WOFF2 without for the report."""
    for form, scripts in (("ttf", (*LATIN, *ARABIC_SCRIPTS)), ("woff2", ARABIC_SCRIPTS)):
        font = TTFont(ARABIC / "files" / f"IBMPlexSansArabic-{cut}.ttf", recalcTimestamp=False)
        keep_letters_apart(font)
        keep_only_scripts(font, (*scripts, *forms(scripts)), ARABIC_FEATURES)
        rename(font, "Reporter Arabic", weight)
        font.flavor = None if form == "ttf" else form
        font.save(FOLDER / f"ReporterArabic-{weight}.{form}")


def forms(scripts: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Code points of the shapes that Arabic letters of these scripts take when they join: they tell what a glyph means."""
    known = {chr(code) for first, last in scripts for code in range(first, last + 1)}
    for code in range(0xFE70, 0xFEFD):
        if (letters := unicodedata.normalize("NFKC", chr(code))) != chr(code) and set(letters) <= known:
            yield code, code


def keep_letters_apart(font: TTFont) -> None:
    """Drop the ligatures of two letters but lam with alef, which no Arabic text goes without: what is one glyph is copied from a page letters reversed."""
    table = font["GSUB"].table
    required = {
        index
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag == "rlig"
        for index in record.Feature.LookupListIndex
    }
    for index in required:
        for part in table.LookupList.Lookup[index].SubTable:
            ligatures = getattr(part, "ExtSubTable", part).ligatures
            for first in list(ligatures):
                kept = [each for each in ligatures[first] if first in LAMS and each.Component[0] in ALEFS]
                ligatures[first] = kept
                if not kept:
                    del ligatures[first]


def keep_only_scripts(
    font: TTFont, scripts: Sequence[tuple[int, int]] = SCRIPTS, features: Sequence[str] = FEATURES
) -> None:
    """Drop every glyph, feature and table that a report does not need."""
    options = Options(hinting=False, layout_features=list(features), name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17])
    options.drop_tables += ["STAT", "MVAR", "DSIG", "gasp"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in scripts for code in range(first, last + 1)])
    subsetter.subset(font)


def rename(font: TTFont, family: str, weight: int) -> None:
    """Give the cut its own names, so that no other Inter on a machine is taken for it."""
    for identifier, text in {
        1: f"{family} {weight}",
        2: "Regular",
        3: f"{family}-{weight}-subset",
        4: f"{family} {weight}",
        6: f"{family.replace(' ', '')}-{weight}",
        16: family,
        17: str(weight),
    }.items():
        font["name"].setName(text, identifier, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for stem, (family, weight, optical_size) in CUTS.items():
        make(stem, family, weight, optical_size)
    for weight, cut in ARABIC_CUTS.items():
        make_arabic(weight, cut)
    (FOLDER / "OFL.txt").write_bytes((SOURCE / "LICENSE").read_bytes())
    (FOLDER / "OFL-ReporterArabic.txt").write_bytes((ARABIC / "LICENSE").read_bytes())
