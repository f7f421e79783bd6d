"""The last touch to a PDF: what PDF/A-3 (archives) and PDF/UA-1 (readers who listen) ask for beyond what WeasyPrint writes.

WeasyPrint can be told to follow either standard, not both; and it leaves four things open, whichever it follows. They are mended here in its objects,
before they become bytes, so that no second library has to open the file again.
"""

from __future__ import annotations

import zlib
from pathlib import PurePath
from typing import Any

MEDIA_TYPES = {
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Of attached files: by their names here, not by what the machine has heard of."""
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
        are decoration; attachments have their media types; the metadata, uncompressed, claim both standards; every stream is packed once.
    """
    elements: dict[bytes, Any] = {thing.reference: thing for thing in pdf.objects if _is_element(thing)}
    for element in elements.values():
        if element["S"] == "/TH":
            element["A"]["Scope"] = "/Column" if _is_under("/THead", element, elements) else "/Row"
        elif element["S"] == "/L" and any(kid["S"] == "/Div" for kid in _kids(element, elements)):
            _unlist(element, elements)
        elif element["S"] == "/Figure" and "Alt" not in element:
            _set_aside(element, elements, pdf)
    for reference in _attached(pdf):
        file = _object(pdf, reference)
        _object(pdf, file["EF"]["F"]).extra["Subtype"] = _media_type(file["UF"].string)
    _claim(_object(pdf, pdf.catalog["Metadata"]))
    for thing in pdf.objects:
        if getattr(thing, "compress", False):
            _pack(thing)


def _is_element(thing: Any) -> bool:
    """Whether an object is part of what is read aloud."""
    return isinstance(thing, dict) and thing.get("Type") == "/StructElem"


def _object(pdf: Any, reference: bytes) -> Any:
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


def _set_aside(figure: Any, elements: dict[bytes, Any], pdf: Any) -> None:
    """Take a decoration out of what is read aloud: out of the tree, and in the page's ink it is marked as an artifact."""
    elements[figure["P"]]["K"].remove(figure.reference)
    page = _object(pdf, figure["Pg"])
    marks = _object(pdf, page["Contents"]).stream
    root = _object(pdf, pdf.catalog["StructTreeRoot"])
    owners = _object(pdf, root["ParentTree"])["Nums"][2 * page["StructParents"] + 1]
    for number in (kid for kid in figure["K"] if isinstance(kid, int)):
        at = next(at for at, mark in enumerate(marks) if isinstance(mark, dict) and mark.get("MCID") == number)
        marks[at - 1 : at + 2] = ["/Artifact", b"BMC"]
        owners[number] = "null"


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


def _pack(stream: Any) -> None:
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
