"""The style sheets of the report: the one for paper is the base, the one for the screen adds to it; and what paper leaves out of the page."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

from babel.core import Locale

from reporter.document.blocks import Document
from reporter.document.colours import readable_shade
from reporter.document.tokens import inked_tokens, read_tokens, templates_folder

FACES = (
    ("Inter", 400, "Inter-400"),
    ("Inter", 600, "Inter-600"),
    ("Inter Display", 600, "InterDisplay-600"),
    ("Reporter Arabic", 400, "ReporterArabic-400"),
    ("Reporter Arabic", 600, "ReporterArabic-600"),
)
"""Family, weight and file of the fonts inside: some 45 kB each, and 9 kB for Arabic letters, which names have in reports of any language."""
READY = ("Inter-400", "Inter-600", "InterDisplay-600")
"""Those that are there unpacked, too."""
_FORMS = {".woff2": "woff2", ".ttf": "truetype"}

DARK_PAGES = ('[data-jp-theme-light="false"]', ".vscode-dark", ".vscode-high-contrast", "html[theme=dark]")
LIGHT_PAGES = ('[data-jp-theme-light="true"]', ".vscode-light", "html[theme=light]")
"""How the pages of notebooks say whether they are dark: JupyterLab, VS Code, Colab."""

SEEN = 3.0
"""Contrast that a shape needs (WCAG 2.2, 1.4.11)."""


_SCREEN = re.compile(r"<!--(/?)screen-->\n?")
"""Templates set these marks, one inside the other; a text from the data cannot, for its angle brackets are escaped, and no picture holds a comment."""


def on_paper(page: str) -> str:
    """The page without what only a screen can use (script, screen style, controls, folded numbers), which a PDF renderer would read for nothing."""
    kept, depth, start = [], 0, 0
    for mark in _SCREEN.finditer(page):
        if depth == 0:
            kept.append(page[start : mark.start()])
        depth += -1 if mark[1] else 1
        start = mark.end()
    return "".join((*kept, page[start:]))


def paper_style() -> str:
    """Fonts, tokens and the rules for paper, which hold on the screen too."""
    folder = templates_folder()
    return _faces(folder / "fonts") + _read(folder / "css" / "tokens.css") + _read(folder / "css" / "print.css")


def pdf_styles(kind: str = "") -> tuple[str, ...]:
    """What only the PDF can have, for browsers know no footnotes, on paper neither; and what a part of it has: ``gathering`` or ``leaves``."""
    return tuple(_read(templates_folder() / "css" / f"{name}.css") for name in ("pdf", kind) if name)


def look_style(document: Document) -> str:
    """What this report has otherwise than ours have: colours, paper and edition; empty where it has nothing."""
    css = templates_folder() / "css"
    inks = "".join(f"--{name}:{value};" for name, value in document.look.inks)
    return (
        (f":root{{{inks}}}\n" if inks else "")
        + (_read(css / "letter.css") if document.look.paper == "letter" else "")
        + (_read(css / "brief.css") if document.edition == "brief" else "")
        + (_read(css / "rtl.css") if direction_of(document) == "rtl" else "")
    )


def direction_of(document: Document) -> str:
    """``ltr`` or ``rtl``, as the language of the report is written."""
    return direction_in(document.cover.language)


def direction_in(language: str) -> str:
    """``ltr`` or ``rtl``, as a language is written."""
    return str(Locale.parse(language.replace("-", "_")).text_direction)


def notebook_style(*, pictures: bool = False) -> str:
    """What a fragment in a notebook looks like: the colours that it uses, light and dark, and rules that hold inside of it alone.

    Pictures are drawn in the colours of light paper; on any paper they are inked by the tokens of the same colours.

    JupyterLab, VS Code and Colab say on their page whether they are dark; where none of them says anything, the system is asked.
    """
    css, tokens = templates_folder() / "css", read_tokens()
    rules = _read(css / "notebook.css") + (_read(css / "notebook-pictures.css") + _inks(tokens) if pictures else "")
    used = [name for name in tokens if f"var(--{name})" in rules]
    light = "".join(f"--{name}:{tokens[name]};" for name in used)
    dark = "".join(f"--{name}:{tokens[f'dark-{name}']};" for name in used if f"dark-{name}" in tokens)
    told = ", ".join(f"{sign} .reporter-shown" for sign in DARK_PAGES)
    asked = "".join(f":not({sign} *)" for sign in LIGHT_PAGES)
    return (
        f".reporter-shown{{{light}color-scheme:light}}\n"
        f"@media (prefers-color-scheme:dark){{.reporter-shown{asked}{{{dark}color-scheme:dark}}}}\n"
        f"{told}{{{dark}color-scheme:dark}}\n{rules}"
    )


def _inks(tokens: dict[str, str]) -> str:
    """Rules that ink the pictures of a fragment: colours that have a twin after dark, and small text in the colour of its segment."""
    twins = [name for name in tokens if f"dark-{name}" in tokens and name != "accent" and not name.startswith("label")]
    ink = "".join(_reink(tokens[name], name) for name in twins) + "".join(_label_ink(tokens, name) for name in tokens)
    return f".reporter-shown.reporter-shown{{{ink}}}"


def _label_ink(tokens: dict[str, str], name: str) -> str:
    if not name.startswith("segment-"):
        return ""
    return f'figure:not(.plate) svg text[fill="{tokens[name]}"]{{fill:var(--{name.replace("segment", "label")})}}'


def explorer_style() -> str:
    """What the explorer adds to the look of a notebook: a few rules, and once the font that the pictures are measured in."""
    folder = templates_folder()
    return _faces(folder / "fonts", ("Inter",)) + _read(folder / "css" / "explorer.css")


def screen_style(document: Document) -> str:
    """What the screen adds, and the dark scheme."""
    css = templates_folder() / "css"
    brief = _read(css / "brief-screen.css") if document.edition == "brief" else ""
    return _read(css / "screen.css") + brief + _dark(inked_tokens(document.look))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _faces(folder: Path, families: Sequence[str] = ()) -> str:
    """The fonts as data, all or of some families; a face whose file is missing is left to the reader's machine."""
    return "".join(
        f'@font-face{{font-family:"{family}";font-weight:{weight};src:{_source(path)}}}\n'
        for family, weight, name in FACES
        if (family in families or not families) and (path := folder / f"{name}.woff2").is_file()
    )


def with_fonts_apart(style: str) -> tuple[str, dict[str, Path]]:
    """A style with names where it has fonts, and the file of each name: those of `READY` unpacked.

    Reading fonts letter by letter out of the style, and unpacking them, takes a PDF renderer half a second.
    """
    files, folder = {}, templates_folder() / "fonts"
    for _, _, name in FACES:
        packed, bare = folder / f"{name}.woff2", folder / f"{name}.ttf"
        if packed.is_file():
            file = bare if name in READY and bare.is_file() else packed
            files[f"font:{file.name}"] = file
            style = style.replace(_source(packed), f'url(font:{file.name}) format("{_FORMS[file.suffix]}")')
    return style, files


def _source(font: Path) -> str:
    """A font as the source of a face."""
    return f'url(data:font/{font.suffix[1:]};base64,{b64encode(font.read_bytes()).decode()}) format("{_FORMS[font.suffix]}")'


def _dark(tokens: dict[str, str]) -> str:
    """Rules that swap the tokens after dark and re-ink the charts, whose colours are attributes.

    Segment colours hold on both papers and stay; texts in them take the label colour. A raster cannot be re-inked: it gets a light plate.
    """
    twins = [name for name in tokens if f"dark-{name}" in tokens]
    swap = "".join(f"--{name}:var(--dark-{name});" for name in twins)
    ink = "".join(_reink(tokens[name], name) for name in twins if name != "accent" and not name.startswith("label"))
    ink += "".join(_label_ink(tokens, name) for name in tokens)
    ink += _accent(tokens)
    return f"@media (prefers-color-scheme:dark){{:root{{{swap}}}{ink}}}"


def _accent(tokens: dict[str, str]) -> str:
    """The rule for an own accent that is too dark for pictures on dark paper; ours is a segment's colour and holds on both.

    Pictures write in white on the accent, so they get the nearest shade that can be seen (3:1), not the lighter one for text.
    """
    papers = (tokens["dark-paper"], tokens["dark-tint"])
    accent, shade = tokens["accent"], readable_shade(tokens["accent"], papers, SEEN)
    if shade == accent or accent in (value for name, value in tokens.items() if name.startswith("segment-")):
        return ""
    return _swapped(accent, shade)


def _reink(value: str, name: str) -> str:
    return _swapped(value, f"var(--{name})")


def _swapped(value: str, other: str) -> str:
    return "".join(f'figure:not(.plate) svg [{ink}="{value}"]{{{ink}:{other}}}' for ink in ("fill", "stroke"))
