"""What may be in a picture: shapes and letters, nothing that runs and nothing that points elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

SVG = "{http://www.w3.org/2000/svg}"
SVG_ELEMENTS = frozenset(
    [
        "svg",
        "g",
        "defs",
        "title",
        "desc",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "use",
        "clipPath",
        "mask",
        "pattern",
        "linearGradient",
        "radialGradient",
        "stop",
        "image",
        "symbol",
        "marker",
    ]
)


def more_than_picture(tag: str, attributes: Mapping[str, str]) -> str:
    """Why an element of an SVG is no part of a picture; empty where it is one.

    Parameters
    ----------
    tag : str
        As ElementTree has it, with its namespace.
    attributes : mapping of str to str
    """
    name = tag.removeprefix(SVG)
    if name not in SVG_ELEMENTS:
        return f"<{name}> is no part of a picture"
    for attribute, value in attributes.items():
        local = attribute.rpartition("}")[2].lower()
        if local.startswith("on") or (local == "style" and "url(" in value.replace("url(#", "")):
            return f"attribute {local!r} is no part of a picture"
        if local in ("href", "src") and not value.startswith(("#", "data:image/png;base64,")):
            return f"a picture points nowhere else, but one has {value[:40]!r}"
    return ""
