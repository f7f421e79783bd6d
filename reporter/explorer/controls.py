"""The knobs: each is a setting, says what it is called in ``reporter.toml``, and shows what the data allows."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any

import ipywidgets as widgets

from reporter.analysis.analyse import Segmentation
from reporter.analysis.gridfiles import PRESETS
from reporter.document.compose.explorer import reasons
from reporter.document.words import Words
from reporter.errors import Problem, UsageError

BOUNDARIES: Mapping[str, str] = MappingProxyType(
    {
        "rfm.recency_boundaries": "Recency, days",
        "rfm.frequency_boundaries": "Frequency",
        "rfm.monetary_boundaries": "Monetary",
    }
)
METHODS = (("By the rule", "auto"), ("KMeans", "kmeans"), ("Ward", "ward"))
WIDE = "21em"


class Controls:
    """All knobs, as one column.

    Parameters
    ----------
    turned : callable taking a setting's name and its value
        Called when somebody has turned a knob, not when `show` sets one.

    Attributes
    ----------
    box : ipywidgets.VBox
    by_setting : dict of str to widget
        All but the features, which are boxes of their own in `features`.
    """

    def __init__(self, turned: Callable[[str, Any], None]) -> None:
        self._turned = turned
        self._is_quiet = False
        self.by_setting = _widgets()
        self.features: dict[str, Any] = {}
        self._reasons: dict[str, Any] = {}
        self._choice = widgets.VBox([])
        self._given: Mapping[str, Any] = {}
        for name, widget in self.by_setting.items():
            widget.observe(self._listener(name), "value")
        self.box = widgets.VBox(
            [
                _group("Customers", [self.by_setting["source.as_of"], self.by_setting["rfm.grid"]]),
                _group("Clusters", [self.by_setting[f"cluster.{key}"] for key in ("method", "k", "eps")]),
                _group("Score boundaries (empty: equal shares)", [self.by_setting[name] for name in BOUNDARIES]),
                _group("Features in the distances", [self.by_setting["features.clip"], self._choice]),
            ],
            layout=widgets.Layout(width="23em", flex="0 0 auto"),
        )

    def show(self, given: Mapping[str, Any], found: Segmentation, words: Words, *, has_rows: bool) -> None:
        """Set every knob as the settings are, and tell why features are left out; nobody is told of it."""
        self._is_quiet, self._given = True, given
        try:
            settings = found.settings
            day = self.by_setting["source.as_of"]
            day.value, day.disabled = found.ledger.as_of, not has_rows
            day.tooltip = "" if has_rows else "The transactions of an analysis are gone; give the source itself"
            self._offer("rfm.grid", [*((title, name) for name, title in PRESETS.items())], settings.rfm.grid)
            for name in BOUNDARIES:
                values = getattr(settings.rfm, name.removeprefix("rfm."))
                self.by_setting[name].value = ", ".join(f"{value:g}" for value in values)
            self._offer("cluster.k", _numbers(found), settings.cluster.k)
            self.by_setting["cluster.method"].value = settings.cluster.method
            self.by_setting["cluster.eps"].value = settings.cluster.eps
            self.by_setting["features.clip"].value = settings.features.clip
            self._show_features(found, words)
        finally:
            self._is_quiet = False

    def _offer(self, name: str, options: list[tuple[str, Any]], value: Any) -> None:
        known = [each for _, each in options]
        self.by_setting[name].options = options if value in known else [*options, (str(value), value)]
        self.by_setting[name].value = value

    def _show_features(self, found: Segmentation, words: Words) -> None:
        told = reasons(words, found)
        notes = [note for note in found.features.notes if note.reason != "unavailable"]
        if list(self.features) != [note.name for note in notes]:
            self._make_features([(note.name, note.label) for note in notes])
        for note in notes:
            box = self.features[note.name]
            box.value, box.disabled = note.kept, note.reason not in ("kept", "excluded")
            self._reasons[note.name].value = f'<span class="reporter-why">{html.escape(told[note.name])}</span>'

    def _make_features(self, names: list[tuple[str, str]]) -> None:
        rows = []
        for name, label in names:
            box = widgets.Checkbox(description=label, indent=False, layout=widgets.Layout(width=WIDE))
            box.observe(self._feature_listener(name), "value")
            self.features[name], self._reasons[name] = (
                box,
                widgets.HTML(layout=widgets.Layout(margin="-6px 0 4px 20px")),
            )
            rows += [box, self._reasons[name]]
        self._choice.children = rows

    def _listener(self, name: str) -> Callable[[Any], None]:
        def heard(change: Any) -> None:
            if not self._is_quiet:
                self._turned(name, change["new"])

        return heard

    def _feature_listener(self, name: str) -> Callable[[Any], None]:
        def heard(change: Any) -> None:
            if not self._is_quiet:
                self._turned(*self._chosen(name, is_in=change["new"]))

        return heard

    def _chosen(self, name: str, *, is_in: bool) -> tuple[str, tuple[str, ...]]:
        """What to write where a feature is let in or left out."""
        include, exclude = (tuple(self._given.get(f"features.{key}", ())) for key in ("include", "exclude"))
        if not is_in:
            return "features.exclude", (*exclude, name)
        if name in exclude:
            return "features.exclude", tuple(each for each in exclude if each != name)
        return "features.include", (*include, name)


def parsed(name: str, value: Any) -> Any:
    """What a knob says as the value of its setting.

    Raises
    ------
    UsageError
        Where a text holds no numbers.
    """
    if name not in BOUNDARIES or not isinstance(value, str):
        return value
    numbers = []
    for part in re.split(r"[;,\s]+", value.strip(" ,;[]")):
        with suppress(ValueError):
            numbers.append(float(part))
            continue
        if part:
            raise UsageError(Problem(name, f"“{part}” is no number.", "Write numbers such as 30, 90, 180, 365."))
    return tuple(numbers)


def _widgets() -> dict[str, Any]:
    look: dict[str, Any] = {"style": {"description_width": "7.5em"}, "layout": widgets.Layout(width=WIDE)}
    late = look | {"continuous_update": False}
    return {
        "source.as_of": widgets.DatePicker(description="As of", **look),
        "rfm.grid": widgets.Dropdown(description="Grid", **look),
        **{
            name: widgets.Text(description=label, placeholder="such as 30, 90, 180, 365", **late)
            for name, label in BOUNDARIES.items()
        },
        "features.clip": widgets.BoundedFloatText(description="Clip at, sd", min=0.0, max=100.0, step=0.5, **late),
        "cluster.method": widgets.Dropdown(description="Method", options=METHODS, **look),
        "cluster.k": widgets.SelectionSlider(description="Groups, k", options=[("By the rule", 0)], **late),
        "cluster.eps": widgets.BoundedFloatText(description="DBSCAN’s eps", min=0.0, max=1000.0, step=0.05, **late),
    }


def _numbers(found: Segmentation) -> list[tuple[str, int]]:
    """The numbers of groups that were tried, and the rule."""
    tried = sorted({c.partition.k for c in found.clustering.candidates if c.partition.method == "kmeans"})
    return [("By the rule", 0), *((str(k), k) for k in tried)]


def _group(title: str, children: list[Any]) -> Any:
    return widgets.VBox([widgets.HTML(f'<p class="reporter-group">{title}</p>'), *children])
