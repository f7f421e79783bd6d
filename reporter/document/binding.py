"""Gatherings become one PDF: what their pages hold is put on the leaves of the front, object by object, before any of it becomes bytes.

A page of a PDF is a dictionary that refers to other objects by number: its ink, fonts and pictures, its links, and the parts of the tree that is read
aloud. So binding is: number what the pages need anew, and let the leaf, which the outline, the links and the numbers of the contents know already, refer to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pydyf

from reporter.document.archive import object_at, owners_of, pack

_REFERENCE = re.compile(rb"\d+ \d+ R")
_TAG = re.compile(r"/([A-Z]{6})\+")
KEPT = ("Contents", "Resources", "Annots")
"""What a leaf takes over of a page, beside the owners of its marks."""


@dataclass(frozen=True, slots=True, eq=False)
class Gathering:
    """Pages that were set and inked apart, out of their PDF; it can be sent from one process to another.

    Attributes
    ----------
    objects : mapping of bytes to pydyf object
        What the pages need, by its reference.
    pages : tuple of dict
        In order.
    references : tuple of bytes
        Of the pages.
    root : bytes
        Reference of the element that all others belong to.
    elements : tuple of bytes
        Those right under it.
    owners : tuple
        Of each page the owners of its marks; then of each link its owner.
    """

    objects: Mapping[bytes, Any]
    pages: tuple[dict[str, Any], ...]
    references: tuple[bytes, ...]
    root: bytes
    elements: tuple[bytes, ...]
    owners: tuple[Any, ...]


def loosen(pdf: pydyf.PDF) -> Gathering:
    """Take what the pages need out of a finished PDF, which is tagged, and whose streams are packed by `reporter.document.archive.finish`."""
    tree, document, owners = _heard(pdf)
    references = pdf.page_references
    pages = tuple({key: value for key, value in object_at(pdf, page).items() if key in KEPT} for page in references)
    needed = {*references, document.reference, tree.reference}
    found: dict[bytes, Any] = {}
    ahead = [*_references([*pages, *document["K"], *owners])]
    while ahead:
        reference = ahead.pop()
        if reference not in needed:
            needed.add(reference)
            found[reference] = _plain(object_at(pdf, reference))
            ahead += _references(found[reference])
    objects = {reference: found[reference] for reference in sorted(found, key=lambda each: int(each.split()[0]))}
    return Gathering(objects, pages, references, document.reference, tuple(document["K"]), tuple(owners[1::2]))


def whole(pdf: pydyf.PDF) -> pydyf.PDF:
    """All of a finished PDF, so that it can be sent from one process to another."""
    sent = _Packing()
    sent.objects = [_plain(thing) for thing in pdf.objects]
    sent.pages, sent.info, sent.catalog = pdf.pages, pdf.info, pdf.catalog
    return sent


def bind(pdf: pydyf.PDF, gatherings: Sequence[Gathering]) -> None:
    """Put the pages of gatherings on the leaves of a front.

    Parameters
    ----------
    pdf : pydyf.PDF
        The finished front; its last pages are the leaves, as many as the gatherings have pages. Changed in place.
    gatherings : sequence of Gathering
        In order.
    """
    _, document, owners = _heard(pdf)
    count = sum(len(gathering.pages) for gathering in gatherings)
    leaves = pdf.page_references[-count:]
    document["K"][:] = [element for element in document["K"] if object_at(pdf, element)["Pg"] not in leaves]
    for number, gathering in enumerate(gatherings, start=1):
        mine, leaves = leaves[: len(gathering.pages)], leaves[len(gathering.pages) :]
        first = owners[-2] + 1 - len(mine)  # links are counted on from those that are there
        known = {gathering.root: document.reference} | dict(zip(gathering.references, mine, strict=True))
        for reference, thing in gathering.objects.items():
            pdf.add_object(thing)
            known[reference] = thing.reference
        renewed = _Renewed(known, number, first)
        for thing in gathering.objects.values():
            renewed(thing)
        for leaf, page, its in zip(mine, gathering.pages, gathering.owners[: len(mine)], strict=True):
            _put_on(pdf, object_at(pdf, leaf), renewed(page))
            owners[2 * object_at(pdf, leaf)["StructParents"] + 1] = renewed(its)
        for owner in renewed(list(gathering.owners[len(mine) :])):
            owners += [owners[-2] + 1, owner]
        document["K"] += renewed(list(gathering.elements))


def settle(pdf: pydyf.PDF) -> None:
    """Turn every object of a PDF into bytes when none will be changed any more: they are asked for twice, for the file and for its fingerprint."""
    pdf.objects[:] = [_Settled(thing) if thing.free == "n" else thing for thing in pdf.objects]


class _Packing(pydyf.PDF):  # type: ignore[misc]  # pydyf has no types
    """A PDF that packs a stream when it gets it: those with all the other objects are made while it is written, and asked for their bytes twice."""

    def add_object(self, thing: pydyf.Object) -> None:
        if isinstance(thing, pydyf.Stream) and thing.compress:
            pack(thing)
        super().add_object(thing)


class _Settled(pydyf.Object):  # type: ignore[misc]  # pydyf has no types
    """An object whose bytes are known."""

    def __init__(self, thing: pydyf.Object) -> None:
        super().__init__()
        self.number, self.generation = thing.number, thing.generation
        self._data, self._compressible = thing.data, thing.compressible

    @property
    def data(self) -> bytes:
        return bytes(self._data)

    @property
    def compressible(self) -> bool:
        return bool(self._compressible)


@dataclass(frozen=True, slots=True)
class _Renewed:
    """Changes an object in place, and gives it back: references are new ones, and names that were made anew in each PDF are told apart."""

    known: Mapping[bytes, bytes]
    number: int
    first: int

    def __call__(self, thing: Any) -> Any:
        if isinstance(thing, dict):
            for key, value in thing.items():
                thing[key] = self._entry(key, value)
        elif isinstance(thing, list):
            thing[:] = map(self, thing)
        elif isinstance(thing, pydyf.Stream):
            self(thing.extra)
        return self.known.get(thing, thing) if isinstance(thing, bytes) else thing

    def _entry(self, key: str, value: Any) -> Any:
        match key:
            case "StructParent":
                return value + self.first
            case "ID":
                return self._apart(value)
            case "Headers":
                return pydyf.Array(map(self._apart, value))
            case "BaseFont" | "FontName":
                return _TAG.sub(lambda tag: f"/{_turned(tag[1], self.number)}+", _text(value)).encode()
        return self(value)

    def _apart(self, name: pydyf.String) -> pydyf.String:
        """The name of a heading of a table, which its cells use."""
        return pydyf.String(f"{self.number}.{name.string}")


def _put_on(pdf: pydyf.PDF, leaf: Any, page: Mapping[str, Any]) -> None:
    """The leaf's own ink, which is the paper and a number, becomes a picture under that of the page."""
    under = object_at(pdf, leaf["Contents"])
    shape = {"Type": "/XObject", "Subtype": "/Form", "BBox": leaf["MediaBox"], "Resources": leaf["Resources"]}
    under.extra.update(shape)
    name = f"leaf-{under.number}"
    object_at(pdf, page["Resources"])["XObject"][name] = under.reference
    first = pydyf.Stream([f"q /{name} Do Q"])
    pdf.add_object(first)
    leaf.update(page)
    leaf["Contents"] = pydyf.Array([first.reference, page["Contents"]])


def _heard(pdf: pydyf.PDF) -> tuple[Any, Any, list[Any]]:
    """Of the tree that is read aloud: its root, the element of the document, and the list of the owners of marks."""
    root = object_at(pdf, pdf.catalog["StructTreeRoot"])
    return root, object_at(pdf, root["K"][0]), owners_of(pdf)


def _references(thing: Any) -> Iterator[bytes]:
    """All references in an object."""
    if isinstance(thing, bytes):
        if _REFERENCE.fullmatch(thing):
            yield thing
    elif isinstance(thing, pydyf.Stream):
        yield from _references(thing.extra)
    elif isinstance(thing, (dict, list, tuple)):
        for each in thing.values() if isinstance(thing, dict) else thing:
            yield from _references(each)


def _plain(thing: Any) -> Any:
    """A stream without what WeasyPrint knows of it, which cannot be sent."""
    if not isinstance(thing, pydyf.Stream):
        return thing
    stream = pydyf.Stream(thing.stream, thing.extra, thing.compress)
    stream.number = thing.number
    return stream


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _turned(tag: str, by: int) -> str:
    """Another tag for another subset of the same font: six letters."""
    return "".join(chr(65 + (ord(letter) - 65 + by) % 26) for letter in tag)
