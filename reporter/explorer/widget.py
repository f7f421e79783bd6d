"""The widget: knobs beside panels, a line that says what was computed, and what can be taken away from here."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

import ipywidgets as widgets

from reporter.analysis.analyse import Analysis
from reporter.bench import Bench
from reporter.document.blocks import Section
from reporter.document.compose.explorer import PANELS, customer, panel
from reporter.document.html import to_fragment
from reporter.document.ink import ink_section
from reporter.document.styles import explorer_style
from reporter.document.words import Words
from reporter.errors import Problem, ReporterError, UsageError
from reporter.explorer.controls import Controls, parsed
from reporter.explorer.exports import write_panel, write_settings
from reporter.explorer.given import config_of, given_of
from reporter.intake.memory import Source
from reporter.pipeline import run
from reporter.settings import Config
from reporter.stages import Stage

MATCHES = 20
"""Customers that a search lists."""


class Explorer:
    """What `reporter.explore` returns; it shows itself where it is the last value of a cell.

    Attributes
    ----------
    box : ipywidgets.VBox
        The widget, to be put into others.
    config : Config
        The settings as the knobs stand.
    found : Segmentation
        Segments and clusters under them.
    section : Section
        The panel that is shown, its pictures drawn.
    """

    def __init__(self, source: Source | Analysis, config: Config | None = None) -> None:
        self._source = None if isinstance(source, Analysis) else source
        own = Config(analysis=source.settings) if isinstance(source, Analysis) else Config()
        self._given: dict[str, Any] = given_of(config or own)
        self._status = widgets.HTML(layout=widgets.Layout(width="100%"))
        self._bench = Bench(source, self._told)
        self.config = config_of(self._given)
        self.found = self._saved = self._bench.at(self.config)
        self._words = Words("en", self.found.ledger.currency, self.found.ledger.mode)
        self._row = 0
        self._controls = Controls(self._heard)
        self._tabs = widgets.Tab([widgets.HTML() for _ in PANELS], titles=list(PANELS.values()))
        self._tabs.layout = widgets.Layout(flex="1 1 40em", min_width="0")
        self._tabs.observe(lambda _: self._try(self._draw), "selected_index")
        self._search = widgets.Text(description="Customer", placeholder="id, or how it begins", continuous_update=False)
        self._matches = widgets.Dropdown(description="Found", options=[], layout=widgets.Layout(width="18em"))
        self._search.observe(lambda change: self._try(lambda: self._find(change["new"].strip())), "value")
        self._matches.observe(self._picked, "value")
        self._by = widgets.Dropdown(
            description="Map by", options=[("Cluster", "cluster"), ("Segment", "segment")],
            layout=widgets.Layout(width="14em"),
        )  # fmt: skip
        self._by.observe(lambda _: self._try(self._draw), "value")
        self.box = self._laid_out()
        self._show()
        self._say(f"Ready: {len(self.found.scorecard.frame):,} customers scored as of {self.found.ledger.as_of}.")

    def turn(self, setting: str, value: Any) -> None:
        """Turn a knob as a hand would: a setting by the name that it has in ``reporter.toml``.

        Raises
        ------
        ReporterError
            Where the settings cannot be used; then all is as it was.
        """
        begin = perf_counter()
        given = {**self._given, setting: parsed(setting, value)}
        config = config_of(given)
        self.found = self._bench.at(config)
        self._given, self.config = given_of(config), config
        self._show()
        self._say(self._account(1000 * (perf_counter() - begin)))

    def open(self, name: str) -> None:
        """Open a panel by its name: one of `PANELS`."""
        self._tabs.selected_index = list(PANELS).index(name)

    @property
    def html(self) -> str:
        """The panel that is shown, as a fragment that needs no kernel."""
        return to_fragment(self.section)

    def search(self, text: str) -> None:
        """Show the customer with this id, or the first whose id begins with it.

        Raises
        ------
        UsageError
            Where there is none.
        """
        self._find(text.strip())

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.box._repr_mimebundle_(**kwargs)

    # --- What is heard -------------------------------------------------------------------------------------------------

    def _heard(self, setting: str, value: Any) -> None:
        self._try(lambda: self.turn(setting, value))

    def _try(self, act: Any) -> None:
        """Do something, and tell a fault in a sentence; the knobs then stand where they can be read of."""
        try:
            act()
        except ReporterError as error:
            self._say(" ".join(map(str, error.problems)), kind="fault")

    def _told(self, stage: Stage) -> None:
        if stage.seconds is None and stage.told:
            rows = f" ({stage.rows:,})" if stage.rows else ""
            self._say(f"{stage.told}{rows} …")

    def _find(self, text: str) -> None:
        if not text:
            return
        ids = self.found.scorecard.frame["customer_id"]
        rows = ids.index[ids == text].tolist() or ids.index[ids.str.startswith(text)].tolist()[:MATCHES]
        if not rows:
            raise UsageError(Problem("customer", f"no scored customer has an id that begins with “{text}”.", ""))
        self._row = rows[0]
        self._matches.options = [(str(ids.iloc[row]), row) for row in rows]
        self._tabs.selected_index = list(PANELS).index("customer")
        self._draw()

    def _picked(self, change: Any) -> None:
        if change["new"] is not None and change["new"] != self._row:
            self._row = change["new"]
            self._try(self._draw)

    # --- What is shown -------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        self._controls.show(self._given, self.found, self._words, has_rows=self._source is not None)
        self._row = min(self._row, max(0, len(self.found.scorecard.frame) - 1))
        for place, child in enumerate(self._tabs.children):
            if place != self._tabs.selected_index:
                child.value = ""  # what other settings have shown there
        self._draw()

    def _draw(self) -> None:
        """The panel that is looked at; the others are drawn when they are."""
        place = self._tabs.selected_index or 0
        name = list(PANELS)[place]
        self.section = ink_section(self._composed(name), self._words)
        self._tabs.children[place].value = to_fragment(self.section)

    def _composed(self, name: str) -> Section:
        if name == "customer":
            return customer(self._words, self.found, self._row)
        return panel(name, self._words, self.found, self._saved, self.config.report.min_group, self._by.value)

    def _account(self, milliseconds: float) -> str:
        """What was computed, in words."""
        parts = [f"{each.told[0].lower()}{each.told[1:]} {each.milliseconds:,.0f} ms" for each in self._bench.done]
        if not parts:
            return f"Known already: shown in {milliseconds:,.0f} ms."
        return f"Shown in {milliseconds:,.0f} ms. Computed: {', '.join(parts)}; all else was known."

    def _say(self, text: str, kind: str = "note") -> None:
        self._status.value = f'<p class="reporter-status {kind}" role="status">{html.escape(text)}</p>'

    # --- What can be taken away ----------------------------------------------------------------------------------------

    def export_settings(self, path: str | Path = "reporter.toml", *, replace: bool = False) -> Path:
        """Write the settings for the report; from now on movement is told against them.

        Raises
        ------
        UsageError
            Where the file is there already, or cannot be written.
        """
        written = write_settings(self._given, Path(path), replace=replace)
        self._saved = self.found
        return written

    def export_panel(self, folder: str | Path = ".", *, replace: bool = False) -> list[Path]:
        """Write the pictures (SVG) and the tables (CSV) of the panel that is shown.

        Raises
        ------
        UsageError
            Where a file is there already, or cannot be written.
        """
        return write_panel(self.section, Path(folder), replace=replace)

    def make_report(self) -> Mapping[str, Path]:
        """The whole report with these settings, as `reporter.run` makes it.

        Raises
        ------
        ReporterError
            As of `reporter.run`; `UsageError` where an analysis was given, whose rows are gone.
        """
        if self._source is None:
            what = "an analysis has no rows any more, so no report can be made of it."
            raise UsageError(Problem("report", what, "Give the source itself: reporter.explore(source)."))
        return run(self._source, self.config, progress=self._told).paths

    def _laid_out(self) -> Any:
        folder = widgets.Text(value=".", description="Folder", layout=widgets.Layout(width="18em"))
        again = widgets.Checkbox(description="Replace files", indent=False, layout=widgets.Layout(width="9em"))
        acts = {
            "Export settings": lambda: [
                self.export_settings(Path(folder.value) / "reporter.toml", replace=again.value)
            ],
            "Export picture and table": lambda: self.export_panel(folder.value, replace=again.value),
            "Make this report": self._reported,
        }
        buttons = []
        for label, act in acts.items():
            button = widgets.Button(description=label, layout=widgets.Layout(width="auto"))
            button.on_click(lambda _, act=act: self._try(lambda: self._written(act())))
            buttons.append(button)
        row = widgets.Layout(flex_flow="row wrap", align_items="center")
        look = widgets.HBox([self._search, self._matches, self._by], layout=row)
        take = widgets.HBox([folder, again, *buttons], layout=row)
        body = widgets.HBox([self._controls.box, self._tabs], layout=widgets.Layout(flex_flow="row wrap"))
        box = widgets.VBox([widgets.HTML(f"<style>{explorer_style()}</style>"), look, self._status, body, take])
        box.add_class("reporter-explorer")
        return box

    def _reported(self) -> list[Path]:
        paths = self.make_report()
        return [paths[name] for name in ("report.html", "report.pdf", "facts.json", "segments.xlsx") if name in paths]

    def _written(self, paths: list[Path]) -> None:
        links = ", ".join(
            f'<a href="{html.escape(path.resolve().as_uri())}">{html.escape(str(path))}</a>' for path in paths
        )
        self._status.value = f'<p class="reporter-status note" role="status">Written: {links or "nothing, for this panel has no picture and no table"}.</p>'
