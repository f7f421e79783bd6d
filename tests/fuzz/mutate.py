"""Spoiling files: bytes, parts of a workbook, cells; all of it follows from the seed."""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Callable
from io import BytesIO

NASTY = (
    "", " ", "0", "-1", "1e308", "-1e-308", "NaN", "inf", "99999999999999999999999", "2024-02-30", "0000-00-00", "9999-12-31", "00/00/00",
    "31/12/2024", "12/31/2024", "45390", "2958466", "99999", "1.234", "1,234", "(5)", "5-", "€ 5", "$5", "USD", "=1+1", "@x", "'", '"', '""',
    ",", ";", "\t", "\n", "\r", "|", "\\", "NA", "None", "null", "TRUE", "Total", "grand total: 5", "burned", "subscribed", "x" * 40_000,
    "\u202e\u200b\ufeff", "١٢٣", "日本", "👩‍👩‍👧", "a\u0301", "\x00", "\x1f", "\x7f", "<script>", "{{7*7}}", "$\\frac$", "%s%n", "../../x", "<<<<<<< HEAD",
    "customer_id", "transaction_date", "1899-12-30", "1900-02-29", "24:00:00", "2024-01-01T25:61:00+99:99", "Mon, 32 Foo 2024",
)  # fmt: skip
SNIPPETS = (
    b'<c r="XFD1048576"><v>1</v></c>', b'<c r="A99999999999"><v>1</v></c>', b'<c r=""><v/></c>', b'<c t="s"><v>999999999</v></c>', b'<c t="s"><v>-1</v></c>',
    b'<c t="e"><v>#N/A</v></c>', b'<c t="d"><v>2024-13-45</v></c>', b'<c t="b"><v>2</v></c>', b'<c s="99999"><v>1</v></c>', b'<c t="inlineStr"><is><t>x</t></is></c>',
    b'<row r="0"/>', b'<row r="4294967296"/>', b"<row r='-1'/>", b"&#0;", b"&x;", b"<![CDATA[", b"]]>", b"<!--", b'<!DOCTYPE x>', b'<mergeCell ref="A1:XFD1048576"/>',
    b'<mergeCells><mergeCell ref="B9:A1"/></mergeCells>', b'<dimension ref="A1:XFD1048576"/>', b'<sheet name="" sheetId="x" r:id="rId999"/>', b"1e999", b"-99999999", b"\xff\xfe",
)  # fmt: skip
MOST_SPOILS = 3
Spoil = Callable[[random.Random, bytes], bytes]


def spoiled(chance: random.Random, content: bytes, is_workbook: bool) -> bytes:
    """One to a few spoils of one file."""
    spoils: tuple[Spoil, ...] = (_bytes, _cut)
    spoils += (_part, _part, _part, _cells_of_sheet, _cells_of_sheet) if is_workbook else (_cells, _cells, _lines)
    for _ in range(chance.randint(1, MOST_SPOILS)):
        content = chance.choice(spoils)(chance, content)
        if not content:
            break
    return content


def _bytes(chance: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut(chance: random.Random, content: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    return chance.choice((content[:end], content[:start] + content[end:], content + content[start:end]))


def _lines(chance: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    place = chance.randrange(len(lines))
    lines[place:place] = [chance.choice(lines)] * chance.choice((1, 2, 50))
    return b"".join(lines)


def _cells(chance: random.Random, content: bytes) -> bytes:
    cells = list(re.finditer(rb"[^,;\n]+", content))
    for cell in sorted(
        chance.sample(cells, min(len(cells), chance.choice((1, 3, 20)))), key=lambda each: -each.start()
    ):
        content = content[: cell.start()] + chance.choice(NASTY).encode() + content[cell.end() :]
    return content


def _cells_of_sheet(chance: random.Random, content: bytes) -> bytes:
    return _in_part(chance, content, rb"xl/(worksheets/.*|sharedStrings)\.xml", _values)


def _part(chance: random.Random, content: bytes) -> bytes:
    return _in_part(chance, content, rb".*", chance.choice((_bytes, _cut, _snippet, _tag)))


def _values(chance: random.Random, xml: bytes) -> bytes:
    values = list(re.finditer(rb"(?<=<v>)[^<]*|(?<=<t>)[^<]*", xml))
    for value in sorted(
        chance.sample(values, min(len(values), chance.choice((1, 3, 20)))), key=lambda each: -each.start()
    ):
        nasty = chance.choice(NASTY).replace("&", "&amp;").replace("<", "&lt;").encode()
        xml = xml[: value.start()] + nasty + xml[value.end() :]
    return xml


def _snippet(chance: random.Random, xml: bytes) -> bytes:
    places = [match.start() for match in re.finditer(rb"<", xml)] or [0]
    place = chance.choice(places)
    return xml[:place] + chance.choice(SNIPPETS) + xml[place:]


def _tag(chance: random.Random, xml: bytes) -> bytes:
    """An attribute changed or a tag lost."""
    tags = list(re.finditer(rb'"[^"]*"|<[^>]*>', xml))
    if not tags:
        return xml
    tag = chance.choice(tags)
    new = (
        b""
        if xml[tag.start() : tag.start() + 1] == b"<"
        else b'"' + chance.choice((b"", b"0", b"-1", b"999999999999", b"x", b"A1")) + b'"'
    )
    return xml[: tag.start()] + new + xml[tag.end() :]


def _in_part(chance: random.Random, content: bytes, pattern: bytes, spoil: Spoil) -> bytes:
    """Spoil one part and pack the workbook again; what can be unpacked no longer is spoiled as bytes."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except Exception:
        return _bytes(chance, content)
    names = [name for name, part in parts.items() if part and re.fullmatch(pattern, name.encode())]
    if not names:
        return _bytes(chance, content)
    name = chance.choice(names)
    parts[name] = spoil(chance, parts[name])
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, part in parts.items():
            archive.writestr(zipfile.ZipInfo(each), part, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
