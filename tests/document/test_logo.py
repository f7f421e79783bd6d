"""Logos: a picture comes through with nothing but its shapes, and whatever is more than a logo is refused in one sentence."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

import reporter
from reporter.config import load_config
from reporter.document.blocks import Logo
from reporter.document.html import to_html
from reporter.document.logo import MOST_BYTES, read_logo
from reporter.document.settings import ReportSettings
from reporter.errors import UsageError
from reporter.provenance import run_id_of, said
from tests.command import called
from tests.document.sample import sample
from tests.shop import write_shop

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 90 30">'
LEAF = '<circle cx="15" cy="15" r="12" fill="#1f6b3a"/><text x="32" y="20">Leaf &amp; Co</text>'


def svg(inside: str, head: str = HEAD) -> bytes:
    return f"{head}{inside}</svg>".encode()


def png(width: int = 40, height: int = 20, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (width, height), (20, 110, 60, 255)).save(out, "PNG", **options)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def made_png(width: int, height: int, pixels: bytes, *more: bytes) -> bytes:
    """A PNG that says one size and holds pixels of ours."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"".join((b"\x89PNG\r\n\x1a\n", head, *more, chunk(b"IDAT", zlib.compress(pixels, 9)), chunk(b"IEND", b"")))


def written(folder: Path, content: bytes, name: str = "logo") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def data_of(address: str) -> bytes:
    return base64.b64decode(address.partition(",")[2])


# --- What comes through ------------------------------------------------------------------------------------------------


def test_an_svg_is_written_anew_as_a_picture(tmp_path: Path) -> None:
    address = read_logo(written(tmp_path, svg(LEAF)))
    assert address.startswith("data:image/svg+xml;base64,")
    told = data_of(address).decode()
    assert told.startswith("<svg ")
    assert 'xmlns="http://www.w3.org/2000/svg"' in told
    assert "Leaf &amp; Co" in told
    assert '<circle cx="15"' in told


def test_what_drawing_programs_note_for_themselves_is_left_out(tmp_path: Path) -> None:
    noted = (
        b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8' standalone='no'?>\n<!-- /home/someone/secret.svg -->\n"
        + HEAD.replace(
            "viewBox",
            'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" inkscape:export-filename="/home/someone/x.png" width="90" height="30" viewBox',
        ).encode()
        + b'<metadata>by someone</metadata><inkscape:view zoom="2"/><style>.a{fill:#1f6b3a}</style>'
        + b'<defs><linearGradient id="g"><stop offset="0"/></linearGradient></defs><g inkscape:label="someone" class="a">'
        + b'<rect width="9" height="9" fill="url(#g)"/></g><use xlink:href="#g"/></svg>'
    )
    told = data_of(read_logo(written(tmp_path, noted))).decode()
    assert "someone" not in told
    assert "inkscape" not in told
    assert 'fill="url(#g)"' in told
    assert 'href="#g"' in told
    assert ".a{fill:#1f6b3a}" in told


def test_a_size_without_a_view_can_be_scaled(tmp_path: Path) -> None:
    told = data_of(
        read_logo(written(tmp_path, svg(LEAF, HEAD.replace('viewBox="0 0 90 30"', 'width="90px" height="30"'))))
    )
    assert b'viewBox="0 0 90 30"' in told


@pytest.mark.parametrize("options", [{}, {"interlace": 1}, {"optimize": True}])
def test_a_png_keeps_its_picture_and_nothing_else(tmp_path: Path, options: dict[str, object]) -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Author", "someone", zip=True)
    bare = data_of(read_logo(written(tmp_path, png(pnginfo=notes, **options))))
    assert b"someone" not in bare
    assert b"zTXt" not in bare
    picture = Image.open(io.BytesIO(bare))
    picture.load()
    assert (picture.size, picture.getpixel((5, 5))) == ((40, 20), (20, 110, 60, 255))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "LA", "RGBA", "I;16"])
def test_every_kind_of_png_is_known(tmp_path: Path, mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (33, 7)).save(out, "PNG")
    bare = data_of(read_logo(written(tmp_path, out.getvalue())))
    assert Image.open(io.BytesIO(bare)).size == (33, 7)


def test_the_name_of_the_file_means_nothing(tmp_path: Path) -> None:
    assert read_logo(written(tmp_path, png(), "logo.svg")).startswith("data:image/png")
    assert read_logo(written(tmp_path, svg(LEAF), "logo.png")).startswith("data:image/svg+xml")


# --- What does not -----------------------------------------------------------------------------------------------------

HOSTILE_SVG = {
    "a script": "<script>alert(1)</script>",
    "a handler": '<rect width="9" height="9" onclick="alert(1)"/>',
    "a foreign page": '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>',
    "a link": '<a href="https://example.test"><rect width="9" height="9"/></a>',
    "a picture from elsewhere": '<image href="https://example.test/x.png" width="9" height="9"/>',
    "a picture from elsewhere by the old name": '<image xlink:href="file:///etc/passwd" width="9" height="9"/>',
    "a drawing from elsewhere": '<use href="https://example.test/x.svg#a"/>',
    "a style from elsewhere": "<style>@import 'https://example.test/x.css';</style>",
    "a font from elsewhere": "<style>@font-face{font-family:x;src:url(https://example.test/x)}</style>",
    "a fill from elsewhere": '<rect width="9" height="9" fill="url(https://example.test/x#a)"/>',
    "a fill with spaces": '<rect width="9" height="9" style="fill: url( &quot;https://example.test/x#a&quot; )"/>',
    "an escaped address": '<rect width="9" height="9" style="fill: u\\72l(https://example.test/x)"/>',
    "a script in an address": '<use href="javascript:alert(1)"/>',
    "a movement": '<rect width="9" height="9"><animate attributeName="href" to="javascript:alert(1)"/></rect>',
    "copies of copies": '<g id="a"><rect width="1" height="1"/></g><g id="b"><use href="#a"/><use href="#a"/></g><use href="#b"/>',
    "many copies": '<g id="a"/>' + '<use href="#a"/>' * 101,
}


@pytest.mark.parametrize("kind", HOSTILE_SVG)
def test_an_svg_that_is_more_than_a_picture_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(UsageError, match=r"^report\.logo: is more than a picture: .*Save it as plain SVG"):
        read_logo(written(tmp_path, svg(HOSTILE_SVG[kind])))


OTHERS = {
    "entities": (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("<text>&a;</text>"), "declares entities"),
    "laughs": (
        b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + svg("<text>&b;</text>"),
        "declares entities",
    ),
    "a file by an entity": (
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + svg("<text>&a;</text>"),
        "declares entities",
    ),
    "half an SVG": (svg(LEAF)[:-9], "cannot be parsed"),
    "a page": (b"<html><body>x</body></html>", "is XML, but no SVG"),
    "no size": (svg(LEAF, HEAD.replace('viewBox="0 0 90 30"', "")), "without a size"),
    "per cent": (svg(LEAF, HEAD.replace('viewBox="0 0 90 30"', 'width="100%" height="100%"')), "without a size"),
    "many elements": (svg("<g/>" * 5_001), "more than 5,000 elements"),
    "a JPEG": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "is neither an SVG nor a PNG picture. Save it as one of the two."),
    "nothing": (b"", "is neither an SVG nor a PNG"),
    "a head alone": (b"\x89PNG\r\n\x1a\n", "is a damaged PNG"),
    "half a PNG": (png(300, 300)[:-40], "is a damaged PNG"),
    "a flipped bit": (png()[:60] + b"\x00" + png()[61:], "is a damaged PNG"),
    "too many pixels": (made_png(30_000, 30_000, b""), "has 30,000 by 30,000 pixels"),
    "more than it says": (made_png(2, 2, b"\x00" * 50_000_000), "is a damaged PNG"),
    "less than it says": (made_png(1_000, 1_000, b"\x00" * 10), "is a damaged PNG"),
    "no pixels": (made_png(0, 5, b""), "is a damaged PNG"),
    "a large file": (b"<svg>" + b" " * MOST_BYTES, "is larger than 500 kB"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_no_logo_is_refused_by_what_it_is(tmp_path: Path, kind: str) -> None:
    content, told = OTHERS[kind]
    with pytest.raises(UsageError) as caught:
        read_logo(written(tmp_path, content))
    (problem,) = caught.value.problems
    assert problem.where == "report.logo"
    assert told in str(problem)
    assert problem.fix


def test_a_note_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path: Path) -> None:
    bomb = chunk(b"zTXt", b"note\x00\x00" + zlib.compress(b"\x00" * 100_000_000, 9))
    bare = data_of(read_logo(written(tmp_path, made_png(2, 2, b"\x00" * 14, bomb))))
    assert len(bare) < 200


@pytest.mark.slow
def test_the_command_refuses_in_one_sentence_before_any_work(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "shop.xlsx")
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(100_000_000)
    cases = {
        written(tmp_path, svg(HOSTILE_SVG["a script"]), "script.svg"): "is more than a picture: <script>",
        str(tmp_path / "huge.png"): "is larger than 500 kB",
        written(tmp_path, made_png(30_000, 30_000, b""), "bomb.png"): "30,000 by 30,000 pixels",
        str(tmp_path): "there is no file",
        str(tmp_path / "none.svg"): "there is no file",
    }
    for path, told in cases.items():
        done = called("run", shop, "-o", "out", "--set", f"report.logo={path}", cwd=tmp_path)
        assert done.code == 2, path
        assert "--set report.logo" in done.err
        assert told in done.err
        assert len(done.err.strip().splitlines()) <= 3, done.err
    assert not (tmp_path / "out").exists()


def test_a_path_in_the_file_starts_where_it_lies(tmp_path: Path) -> None:
    written(tmp_path, svg(LEAF), "logo.svg")
    own = tmp_path / "own.toml"
    own.write_text('[report]\nlogo = "logo.svg"\n', encoding="utf-8")
    assert load_config(own)[0].report.logo == str(tmp_path / "logo.svg")


# --- Where it is shown -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", ["full", "brief"])
def test_it_stands_once_with_its_name_and_asks_for_nothing(tmp_path: Path, edition: str) -> None:
    source = read_logo(written(tmp_path, svg(LEAF)))
    document = sample(hostile=False)
    cover = replace(document.cover, logo=Logo(source, 'Logo of <Nile> "Rewards"'))
    page = to_html(replace(document, cover=cover, edition=edition))  # type: ignore[arg-type]
    assert page.count(source) == 1
    assert 'alt="Logo of &lt;Nile&gt; &#34;Rewards&#34;"' in page
    assert "img-src data:" in page


def test_its_bytes_are_part_of_the_run_and_its_place_is_not(tmp_path: Path) -> None:
    ledger = reporter.check(write_shop(tmp_path / "shop.xlsx"))
    places = []
    for folder, content in (("a", svg(LEAF)), ("b", svg(LEAF)), ("c", svg(LEAF * 2))):
        (tmp_path / folder).mkdir()
        config = load_config(overrides=[f"report.logo={written(tmp_path / folder, content, 'logo.svg')}"])[0]
        assert str(tmp_path) not in str(said(config)["report.logo"])
        places.append(run_id_of(ledger, config))
    assert places[0] == places[1] != places[2]


def test_a_logo_from_python_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    config = replace(reporter.Config(), report=ReportSettings(logo=written(tmp_path, svg("<script/>"))))
    with pytest.raises(UsageError, match="is more than a picture"):
        reporter.run(tmp_path / "nothing.xlsx", config, output=tmp_path / "out")
