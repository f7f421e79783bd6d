"""The last touch to a PDF: what PDF/A-3 (archives) and PDF/UA-1 (readers who listen) ask for beyond what WeasyPrint writes.

WeasyPrint can be told to follow either standard, not both; and it leaves some things open, whichever it follows. They are mended here in its objects,
before they become bytes, so that no second library has to open the file again.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import groupby
from pathlib import PurePath
from typing import Any, cast

from reporter.document.letters import spell

MEDIA_TYPES = {
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Of attached files: by their names here, not by what the machine has heard of."""
CELLS = ("/TD", "/TH", "/TR")
"""What a table needs even where it is empty."""
_UNLISTED = {"/L": "/Div", "/LI": "/Div", "/LBody": "/P"}
_ACCESSIBLE = """<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""
"""The claim to be PDF/UA-1, and the description of that claim without which PDF/A forbids it."""


def finish(_: Any, pdf: Any) -> None:
    """Mend the objects of a PDF/A-3a that WeasyPrint is about to write: its ``finisher``.

    Parameters
    ----------
    _ : weasyprint.Document
        Not needed.
    pdf : pydyf.PDF
        Changed in place. Heads of tables say whether they head a column or a row; a list whose items stand in groups is none; pictures without a name
        are decoration, headers and footers are furniture of the page, and what is empty says nothing: none of them is read aloud. Attachments have
        their media types; rasters are not smoothed; the metadata, uncompressed, claim both standards; every stream is packed once.
    """
    elements: dict[bytes, Any] = {thing.reference: thing for thing in pdf.objects if _is_element(thing)}
    for element in elements.values():
        if element["S"] == "/TH":
            element["A"]["Scope"] = "/Column" if _is_under("/THead", element, elements) else "/Row"
        elif element["S"] == "/L" and any(kid["S"] == "/Div" for kid in _kids(element, elements)):
            _unlist(element, elements)
        elif element["S"] == "/Link" and elements[element["P"]]["S"] == "/Link":
            _give_way(element, elements[element["P"]], owners_of(pdf))
    for element in reversed(elements.values()):  # parts before wholes: what holds only what is empty is empty too
        is_decoration = element["S"] == "/Figure" and "Alt" not in element
        if is_decoration or not (element["K"] or element["S"] in CELLS):
            _leave_out(element, elements)
    _set_aside([element for element in elements.values() if not _is_heard(element, elements)], pdf)
    for reference in _attached(pdf):
        file = object_at(pdf, reference)
        object_at(pdf, file["EF"]["F"]).extra["Subtype"] = _media_type(file["UF"].string)
    _claim(object_at(pdf, pdf.catalog["Metadata"]))
    for font in (thing for thing in pdf.objects if isinstance(thing, dict) and thing.get("Subtype") == "/Type0"):
        spell(str(font["BaseFont"]), object_at(pdf, font["ToUnicode"]).stream)
    for stream in (thing for thing in pdf.objects if hasattr(thing, "extra")):
        stream.extra.pop("Interpolate", None)  # an archive shows pixels as they are
        if stream.compress:
            pack(stream)


def _is_element(thing: Any) -> bool:
    """Whether an object is part of what is read aloud."""
    return isinstance(thing, dict) and thing.get("Type") == "/StructElem"


def object_at(pdf: Any, reference: bytes) -> Any:
    """What a reference refers to."""
    return pdf.objects[int(reference.split()[0])]


def _kids(element: Any, elements: dict[bytes, Any]) -> list[Any]:
    return [elements[kid] for kid in element["K"] if kid in elements]


def _is_under(kind: str, element: Any, elements: dict[bytes, Any]) -> bool:
    while element := elements.get(element["P"]):
        if element["S"] == kind:
            return True
    return False


def _unlist(element: Any, elements: dict[bytes, Any]) -> None:
    """Make a list, and what belongs to it alone, plain parts of the page."""
    element["S"] = _UNLISTED.get(element["S"], element["S"])
    for kid in _kids(element, elements):
        _unlist(kid, elements)


def _give_way(inner: Any, outer: Any, owners: list[Any]) -> None:
    """A mark before a link's text is a part of the link, not a second one inside it."""
    at = outer["K"].index(inner.reference)
    outer["K"][at : at + 1], inner["K"][:] = list(inner["K"]), []
    for at, owner in enumerate(owners):
        if owner == inner.reference:
            owners[at] = outer.reference


def _leave_out(element: Any, elements: dict[bytes, Any]) -> None:
    siblings = elements[element["P"]]["K"] if element["P"] in elements else []
    if element.reference in siblings:
        siblings.remove(element.reference)


def _is_heard(element: Any, elements: dict[bytes, Any]) -> bool:
    """Whether the tree of what is read aloud leads to an element: WeasyPrint leaves headers and footers outside of it."""
    while parent := elements.get(element["P"]):
        if element.reference not in parent["K"]:
            return False
        element = parent
    return True


def owners_of(pdf: Any) -> list[Any]:
    """Number and owners by turns: of each page a list of its parts, of each link the part that it belongs to."""
    tree = object_at(pdf, object_at(pdf, pdf.catalog["StructTreeRoot"])["ParentTree"])
    return cast("list[Any]", tree["Nums"])


def _set_aside(unheard: Sequence[Any], pdf: Any) -> None:
    """Mark the ink of what is not read aloud as an artifact, and let nobody own it."""
    owners = owners_of(pdf)
    for reference, group in groupby(unheard, key=lambda element: element["Pg"]):
        page, numbers = (
            object_at(pdf, reference),
            {kid for element in group for kid in element["K"] if isinstance(kid, int)},
        )
        marks = object_at(pdf, page["Contents"]).stream
        for at, mark in enumerate(marks):
            if isinstance(mark, dict) and mark.get("MCID") in numbers:
                marks[at - 1 : at + 1] = ["/Artifact", "<</Type /Layout>>"]
                owners[2 * page["StructParents"] + 1][mark["MCID"]] = "null"


def _attached(pdf: Any) -> list[bytes]:
    """The attached files, each once: WeasyPrint lists them twice."""
    files = list(dict.fromkeys(pdf.catalog.get("AF", ())))
    pdf.catalog.get("AF", [])[:] = files
    return files


def _media_type(name: str) -> str:
    return "/" + MEDIA_TYPES.get(PurePath(name).suffix, "application/octet-stream").replace("/", "#2f")


def _claim(metadata: Any) -> None:
    metadata.compress = False
    metadata.stream = [part.replace(b"</rdf:RDF>", _ACCESSIBLE.encode() + b"</rdf:RDF>") for part in metadata.stream]


def pack(stream: Any) -> None:
    """Compress now: a file with an identifier asks each object for its bytes twice.

    What would end with a carriage return stays as it is: with the line feed that follows, some readers take it for the end of the line.
    """
    extra, stream.extra, stream.compress = stream.extra, {}, False
    content = stream.data.partition(b"\nstream\n")[2].removesuffix(b"\nendstream")
    packed = zlib.compress(content, 6)
    if packed.endswith(b"\r"):
        stream.stream, stream.extra = [content], extra
    else:
        stream.stream, stream.extra = [packed], {**extra, "Filter": "/FlateDecode"}
