"""The house's logo: read at the border, vetted, and carried as data from there on.

A picture out of a file is a stranger: an SVG is a program as soon as somebody wants it, and a small PNG may unpack to gigabytes. So an SVG is parsed and written
anew with nothing but shapes and letters in it, a PNG keeps only the pieces that are its picture, and whatever is more than a logo is refused.
"""

from __future__ import annotations

import re
import struct
import zlib
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from reporter.document.vetting import SVG, more_than_picture
from reporter.errors import Problem, UsageError

SETTING = "report.logo"
MOST_BYTES = 500_000
MOST_PIXELS = 2_000
"""Of either side; 60 mm at 600 dots an inch are 1,400."""
SMALLER = f"Save it with less than {MOST_BYTES // 1000} kB and {MOST_PIXELS:,} pixels a side, or as SVG."
PLAIN_SVG = "Save it as plain SVG: shapes and letters, without scripts, links and linked pictures."
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
PICTURE_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"sRGB", b"gAMA", b"IDAT", b"IEND")
"""What a PNG needs to be seen; the rest may hold names, places and texts that unpack without end."""
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Of a PNG's colour types."""
MOST_ELEMENTS = 5_000
MOST_COPIES = 100
LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+)(?:px|pt|mm|cm|in|pc|q)?\s*")


def read_logo(path: str) -> str:
    """Read a logo.

    Parameters
    ----------
    path : str
        An SVG or PNG file, whatever its name; empty: none.

    Returns
    -------
    str
        A ``data:`` address; empty where there is no path.

    Raises
    ------
    UsageError
        Where it is no file, too large, or more than a picture.

    Examples
    --------
    >>> read_logo("")
    ''
    """
    if not path:
        return ""
    content = _content(Path(path))
    if content.startswith(PNG_MAGIC):
        return _address("png", _bare_png(content))
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _address("svg+xml", _bare_svg(content))
    raise _refusal("is neither an SVG nor a PNG picture.", "Save it as one of the two.")


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise _refusal(f"there is no file “{path}”.", "Name an SVG or PNG file.")
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _refusal(f"cannot be read ({error.strerror}).", "Look at its permissions.") from error
    if len(content) > MOST_BYTES:
        raise _refusal(f"is larger than {MOST_BYTES // 1000} kB.", SMALLER)
    return content


def _address(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{b64encode(content).decode()}"


def _refusal(what: str, fix: str) -> UsageError:
    return UsageError(Problem(SETTING, what, fix))


# --- SVG ---------------------------------------------------------------------------------------------------------------


def _bare_svg(content: bytes) -> bytes:
    """An SVG written anew: shapes and letters alone, with a size. What drawing programs note for themselves is left out; what could act is refused."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise _refusal("is an SVG that cannot be parsed, or declares entities of its own.", PLAIN_SVG) from error
    if root.tag != f"{SVG}svg":
        raise _refusal("is XML, but no SVG.", "Name an SVG or PNG file.")
    _strip(root)
    elements = list(root.iter())
    if len(elements) > MOST_ELEMENTS:
        raise _refusal(f"is an SVG of more than {MOST_ELEMENTS:,} elements.", "Draw it more simply, or save it as PNG.")
    for fault in filter(None, (*map(_more_than_logo, elements), _multiplies(elements))):
        raise _refusal(f"is more than a picture: {fault}.", PLAIN_SVG)
    _sized(root)
    for element in elements:
        element.tag = element.tag.removeprefix(SVG)
        element.attrib = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
    root.set("xmlns", SVG.strip("{}"))
    return tostring(root)


def _strip(root: Element) -> None:
    """Take out what is not SVG, and metadata."""
    for parent in list(root.iter()):
        for child in list(parent):
            if not str(child.tag).startswith(SVG) or child.tag == f"{SVG}metadata":
                parent.remove(child)
        for name in [name for name in parent.attrib if name.startswith("{") and not name.endswith("}href")]:
            del parent.attrib[name]


def _more_than_logo(element: Element) -> str:
    """Why an element cannot be in a logo. It may have a style sheet, which a chart may not, if that asks for nothing."""
    values = [*element.attrib.values(), element.text or ""] if element.tag == f"{SVG}style" else element.attrib.values()
    if any(_asks(value) for value in values):
        return "it asks for something outside itself"
    return "" if element.tag == f"{SVG}style" else more_than_picture(element.tag, element.attrib)


def _multiplies(elements: list[Element]) -> str:
    """Why a drawing may grow without end: copies of copies double at every step."""
    copies = [each for each in elements if each.tag == f"{SVG}use"]
    copied = {
        value.removeprefix("#") for each in copies for name, value in each.attrib.items() if name.endswith("href")
    }
    nested = any(each.get("id") in copied and list(each.iter(f"{SVG}use")) for each in elements)
    return "it holds copies of copies" if nested or len(copies) > MOST_COPIES else ""


def _asks(text: str) -> bool:
    """Whether a style or an attribute may lead elsewhere; escapes could hide that, so there may be none."""
    plain = re.sub(r"\s", "", text).lower()
    return bool(re.search(r"url\((?![\"']?#)|@|\\|image\(|image-set\(|expression\(|javascript:", plain))


def _sized(root: Element) -> None:
    """See to it that the picture knows its size, so that it can be scaled."""
    if len(re.findall(r"[-+.\deE]+", root.get("viewBox", ""))) == 4:
        return
    width, height = (LENGTH.fullmatch(root.get(side, "")) for side in ("width", "height"))
    if width is None or height is None or not float(width[1]) or not float(height[1]):
        raise _refusal("is an SVG without a size.", "Give it a viewBox, or a width and a height.")
    root.set("viewBox", f"0 0 {width[1]} {height[1]}")


# --- PNG ---------------------------------------------------------------------------------------------------------------


def _bare_png(content: bytes) -> bytes:
    """A PNG with nothing but its picture, which is as large as it says and whole."""
    chunks = list(_chunks(content))
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13 or chunks[-1][0] != b"IEND":
        raise _damaged()
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if max(width, height) > MOST_PIXELS:
        raise _refusal(f"has {width:,} by {height:,} pixels, more than {MOST_PIXELS:,} a side.", SMALLER)
    if not width or not height or colour not in CHANNELS or depth not in (1, 2, 4, 8, 16):
        raise _damaged()
    bits = depth * CHANNELS[colour]
    size = height * (1 + (width * bits + 7) // 8)
    _unpack(b"".join(data for name, data in chunks if name == b"IDAT"), 2 * size + 64 if interlaced else size, size)
    return PNG_MAGIC + b"".join(_chunk(name, data) for name, data in chunks if name in PICTURE_CHUNKS)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents of the pieces, up to the last or to a damaged one."""
    place = len(PNG_MAGIC)
    while place + 12 <= len(content):
        length, name = struct.unpack(">I4s", content[place : place + 8])
        data = content[place + 8 : place + 8 + length]
        if content[place + 8 + length : place + 12 + length] != struct.pack(">I", zlib.crc32(name + data)):
            return
        yield name, data
        if name == b"IEND":
            return
        place += 12 + length


def _unpack(data: bytes, most: int, least: int) -> None:
    """Fail where the pixels are not as many as the head says; never hold more than those."""
    stream = zlib.decompressobj()
    try:
        pixels = len(stream.decompress(data, most + 1))
    except zlib.error as error:
        raise _damaged() from error
    if not least <= pixels <= most:
        raise _damaged()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _damaged() -> UsageError:
    return _refusal("is a damaged PNG.", "Save it anew.")
