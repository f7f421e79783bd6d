"""docs/gallery.md: pages of whole reports as pictures. `./dev docs` makes them; `test_printed` holds them against the reports of today.

A picture that is not what the report prints today is worse than none. So each is kept with the text of its page, and both are compared: the text
letter by letter, the picture within a tolerance that covers how machines round.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image, ImageChops, ImageStat

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
PICTURES = ROOT / "docs" / "gallery"
PAGE = ROOT / "docs" / "gallery.md"
WIDTH_PX = 620
COLOURS = 128
TOLERANCE = 1.5
"""Mean difference of two pictures, of 255: letters that sit a pixel aside cost 1, another chart costs 3 or more."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One report of the gallery: its source and that of the report before it, what is set, and the chapters shown, by their short names in the outline."""

    name: str
    title: str
    about: str
    source: Path
    settings: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    before: Path | None = None

    @property
    def is_here(self) -> bool:
        """Whether its data is on this machine: real data is not part of the project."""
        return self.source.is_file()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: where it is shown, what it says, how it looks."""

    file: str
    caption: str
    text: str
    picture: Image.Image


CHAPTERS = ("Summary", "Our customers", "The segments", "Natural groups", "Campaign plan", "Data quality and method")
EDITIONS = (
    Edition(
        "demo",
        "The demo: a shop with money",
        "Invented, with planted behaviours: 2,003 customers, two years. `./dev demo` makes it.",
        ROOT / "data" / "demo.xlsx",
        shown=("", *CHAPTERS[:4], "Champions", *CHAPTERS[4:]),
    ),
    Edition(
        "month",
        "A month later",
        "The same shop on 1 February, with the report of 1 January in the same folder: who moved, what the campaigns of the last lists brought, and whether "
        "the names meant anything.",
        ROOT / "data" / "demo_next.xlsx",
        shown=("What changed", "Across runs", "Did the segments mean anything?", "Campaign plan", "Last campaign"),
        before=ROOT / "data" / "demo.xlsx",
    ),
    Edition(
        "brief",
        "The brief edition",
        "Two pages of the same shop: the summary and the campaign table (`--set report.edition=brief`).",
        ROOT / "data" / "demo.xlsx",
        settings=("report.edition=brief",),
    ),
    Edition(
        "house",
        "In a house's own colours",
        "The same pages on US Letter, with two colours, a name and a confidentiality line of one's own (`[report]` in `reporter.toml`).",
        ROOT / "data" / "demo.xlsx",
        settings=(
            "report.edition=brief",
            "report.paper=letter",
            "report.primary_colour=#1f3d2b",
            "report.accent_colour=#9a4a12",
            "report.organisation=Nile Rewards",
            "report.confidentiality=For the board only",
        ),
    ),
    Edition(
        "coupons",
        "A real workbook without money",
        "Six sheets, 5,000 coupons claimed or burned, no amount anywhere: M is burned coupons, and there are no natural groups.",
        DATA / "ecommerce.xlsx",
        shown=("Summary", "Coupons", "Natural groups", "Campaign plan"),
    ),
    Edition(
        "arabic",
        "In Arabic, from right to left",
        "The real workbook again, whose shops are in Egypt (`--set report.locale=ar`).",
        DATA / "ecommerce.xlsx",
        settings=("report.locale=ar",),
        shown=("الملخص", "المجموعات الطبيعية", "خطة الحملات"),
    ),
    Edition(
        "german",
        "In German",
        "The month later with `--set report.locale=de`.",
        ROOT / "data" / "demo_next.xlsx",
        settings=("report.locale=de",),
        shown=("Zusammenfassung", "Die Segmente", "Natürliche Gruppen"),
        before=ROOT / "data" / "demo.xlsx",
    ),
    Edition(
        "cdnow",
        "CDNOW: a plain orders file",
        "69,659 purchases of 23,570 customers (Fader and Hardie): no cities, genders or merchants, so these parts are not there.",
        DATA / "cdnow" / "CDNOW_master.txt.gz",
        shown=("Summary", "Our customers", "Natural groups", "What can be expected", "Data quality and method"),
    ),
)


def printed(edition: Edition, folder: Path) -> pypdfium2.PdfDocument:
    """Make an edition's report as a user does, and open its PDF."""
    told = [word for setting in edition.settings for word in ("--set", setting)]
    sources = (
        [(edition.source, "--pdf")]
        if edition.before is None
        else [(edition.before, "--no-pdf"), (edition.source, "--pdf")]
    )
    for source, pdf in sources:
        command = [sys.executable, "-m", "reporter", "run", str(source), "-o", str(folder), pdf, "-q", *told]
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return pypdfium2.PdfDocument((folder / "latest" / "report.pdf").read_bytes())


def sheets(edition: Edition, document: pypdfium2.PdfDocument) -> Iterator[Sheet]:
    """The pages that an edition shows; the empty name is the first page, no name at all are all pages."""
    outline = {entry.get_title(): entry.get_dest().get_index() for entry in document.get_toc()}
    numbers = [outline[name] if name else 0 for name in edition.shown] or range(len(document))
    for place, number in enumerate(numbers, 1):
        text = words_of(document[number])
        caption = next((name for name, at in outline.items() if at == number), "Cover")
        name = re.sub("[^a-z0-9]+", "-", caption.lower()).strip("-") if caption.isascii() else str(place)
        yield Sheet(f"{edition.name}-{name}.png", caption, text, drawn(document[number]))


RUN = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{8}|[0-9a-f]{8}-\d{2}-\d{2}-\d{4}")


def words_of(page: pypdfium2.PdfPage) -> str:
    """What a page says, but for the run that it names, which follows every setting that there is; from right to left its parts are read the other way round."""
    return re.sub(RUN, "", page.get_textpage().get_text_bounded())


def drawn(page: pypdfium2.PdfPage) -> Image.Image:
    """A page in few colours, so that its file is small: those of large areas as they are, and some that cover those of small dots."""
    image = page.render(scale=WIDTH_PX / page.get_width()).to_pil().convert("RGB")
    half = COLOURS // 2
    spread = image.quantize(half, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).convert("RGB").getcolors() or []
    most = sorted(image.getcolors(image.width * image.height), reverse=True)[:half]
    palette = np.array(sorted({colour for _, colour in (*most, *spread)}), dtype="int64")
    codes, places = np.unique(np.asarray(image) @ np.array((1 << 16, 1 << 8, 1)), return_inverse=True)
    colours = codes[:, None] >> np.array((16, 8, 0)) & 255
    nearest = ((colours[:, None] - palette) ** 2).sum(axis=2).argmin(axis=1).astype("uint8")
    reduced = Image.fromarray(nearest[places.reshape(image.height, image.width)], "P")
    reduced.putpalette(palette.astype("uint8").tobytes())
    return reduced


def distance(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures, 0 to 255; infinite where their sizes differ."""
    if one.size != other.size:
        return float("inf")
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    return sum(ImageStat.Stat(difference).mean) / 3


def fingerprint(text: str) -> str:
    """What a page says, whatever its spaces."""
    return sha256("".join(text.split()).encode()).hexdigest()[:16]


def make(folder: Path) -> None:
    """Write the gallery; editions whose data is not here keep the pictures that they have."""
    PICTURES.mkdir(exist_ok=True)
    told = json.loads(known.read_text("utf-8")) if (known := PICTURES / "pages.json").is_file() else {}
    for edition in EDITIONS:
        if not edition.is_here:
            continue
        for stale in told.pop(edition.name, ()):
            (PICTURES / stale["file"]).unlink(missing_ok=True)
        told[edition.name] = [keep(sheet) for sheet in sheets(edition, printed(edition, folder / edition.name))]
    known.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", "utf-8")
    PAGE.write_text(page_of(told), "utf-8")


def keep(sheet: Sheet) -> dict[str, str]:
    """Write a picture, and return what is told of it."""
    made = io.BytesIO()
    sheet.picture.save(made, "PNG", optimize=True)
    (PICTURES / sheet.file).write_bytes(made.getvalue())
    return {"file": sheet.file, "caption": sheet.caption, "text": fingerprint(sheet.text)}


def page_of(told: dict[str, list[dict[str, str]]]) -> str:
    """The page of all pictures."""
    lines = [
        "# Gallery",
        "",
        "Pages of reports as they come out today: made by `./dev docs`, held against the reports by the tests.",
    ]
    for edition in EDITIONS:
        lines += ["", f"## {edition.title}", "", edition.about, ""]
        lines += [
            f'<img src="gallery/{each["file"]}" width="32%" alt="{edition.title}: {each["caption"]}">'
            for each in told.get(edition.name, ())
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as made:
        make(Path(made))
