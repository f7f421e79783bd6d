"""Colours as numbers: mixtures, contrast, and shades of a hue."""

from __future__ import annotations

import colorsys
import re

DARKEST, LIGHTEST = 0.0, 1.0
STEPS = 256
"""Shades that are tried between a colour and black or white: more cannot be told apart in eight bits."""


def is_colour(text: str) -> bool:
    """Whether a text is a colour of six hex digits."""
    return re.fullmatch("#[0-9a-fA-F]{6}", text) is not None


def mix(base: str, colour: str, strength: float) -> str:
    """A colour between two hex colours: `strength` 0 is `base`, 1 is `colour`."""
    pairs = zip(_channels(base), _channels(colour), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * strength):02x}" for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2): 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable_shade(colour: str, papers: tuple[str, ...], needed: float) -> str:
    """The nearest shade of the same hue that can be read on all of some papers.

    Parameters
    ----------
    colour : str
    papers : tuple of str
        All light, or all dark: the shade goes away from them.
    needed : float
        The contrast that it must have on each.

    Returns
    -------
    str
        The colour itself where it can be read; black or white where no shade of it can.
    """
    goal = DARKEST if _luminance(papers[0]) > 0.5 else LIGHTEST
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in _channels(colour)))
    shades = (
        _shade(hue, lightness + (goal - lightness) * step / STEPS, saturation) if step else colour
        for step in range(STEPS + 1)
    )
    return next(shade for shade in shades if min(contrast(shade, paper) for paper in papers) >= needed)


def as_light_as(model: str, hue_of: str) -> str:
    """A colour of the hue of one and the luminance of another: what can be read on the one can be read on it.

    Parameters
    ----------
    model : str
        Whose luminance it has; it is not more saturated either.
    hue_of : str
    """
    hue, _, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in _channels(hue_of)))
    saturation = min(saturation, colorsys.rgb_to_hls(*(channel / 255 for channel in _channels(model)))[2])
    shades = (_shade(hue, step / STEPS, saturation) for step in range(STEPS + 1))
    return min(shades, key=lambda shade: abs(_luminance(shade) - _luminance(model)))


def _shade(hue: float, lightness: float, saturation: float) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in colorsys.hls_to_rgb(hue, lightness, saturation))


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    parts = [c / 255 for c in _channels(colour)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
