"""The analyst's bench: one source, looked at under many settings, and each stage of the river computed once for all settings that it does not depend on.

It has no numbers of its own: the stages are those of `reporter.run`, entered again where something has changed. What asks for other dates (changes, the
backtest, expectations, the plan of campaigns) is left to the report itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from types import TracebackType
from typing import Any

import numpy as np
import pandas as pd

from reporter.analysis.aggregate import aggregate, release
from reporter.analysis.analyse import Analysis, Segmentation, customers_of, sample_of
from reporter.analysis.choose import Candidate
from reporter.analysis.draw import sample_rows
from reporter.analysis.evaluate import Clustering, crossed, decide, judge_ward
from reporter.analysis.explore import Overview, explore
from reporter.analysis.features import Features, compute_features, select_features
from reporter.analysis.fit import Board, Fits, fit, with_density
from reporter.analysis.memory import check_memory
from reporter.analysis.pseudonymise import hide
from reporter.analysis.rfm import Scorecard, load_grid, score
from reporter.analysis.segments import Segments, size_segments
from reporter.config import Config
from reporter.document.press import Press
from reporter.engine import Engine
from reporter.errors import Problem, UsageError
from reporter.intake.ledger import Ledger
from reporter.intake.memory import Source
from reporter.intake.read import Tables
from reporter.river import clean_tables, engine_for, read_source, room_for
from reporter.stages import Progress, Stages, silent

_Kept = OrderedDict[str, Any]
KEPT, KEPT_FITS = 12, 4
"""Values of each stage that are remembered, the latest asked for; of fits fewer, for each holds all its partitions."""
ASIDE = 5_000
"""Customers from which fits are worth two more processes, which take a second to start."""


@dataclass(frozen=True, slots=True)
class Done:
    """A stage that had to be computed, and how long that took."""

    stage: str
    told: str
    milliseconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """All that segments and clusters are made of, when the transactions are summed.

    Attributes
    ----------
    customers : pandas.DataFrame
        ``customer_id, recency_days, frequency, monetary`` at least.
    computed : pandas.DataFrame
        As `compute_features` gives it.
    """

    ledger: Ledger
    overview: Overview
    customers: pd.DataFrame
    computed: pd.DataFrame


class Bench:
    """A source under many settings.

    Parameters
    ----------
    source : Source or Analysis
        As for `reporter.run`; it is read once. An analysis has no transactions any more: it can be segmented and clustered otherwise, but not as of another
        date.
    progress : callable taking a Stage
        Told when a slow stage begins and when it has ended.

    Attributes
    ----------
    done : tuple of Done
        What the last look had to compute; empty where everything was known.

    Examples
    --------
    >>> import reporter
    >>> from reporter.bench import Bench
    >>> few = ["cluster.null_draws=4", "cluster.bootstraps=4", "cluster.k_max=4"]
    >>> with Bench(reporter.sample(customers=80)) as bench:
    ...     first = bench.at(reporter.load_config(overrides=few)[0])
    ...     three = bench.at(reporter.load_config(overrides=[*few, "cluster.k=3"])[0])
    >>> three.clustering.chosen.partition.k, [each.stage for each in bench.done]
    (3, ['describe', 'view'])
    """

    def __init__(self, source: Source | Analysis, progress: Progress = silent) -> None:
        self._analysis = source if isinstance(source, Analysis) else None
        self._source = None if isinstance(source, Analysis) else source
        self.progress = progress
        self.done: tuple[Done, ...] = ()
        self._kept: dict[str, _Kept] = {}
        self._held: tuple[str, Engine, Tables] | None = None

    def at(self, config: Config) -> Segmentation:
        """Segments and clusters under these settings.

        Raises
        ------
        InputError
            Where the source cannot be used.
        UsageError
            For settings that cannot be used, and for another as-of date of an analysis. What was known before still is.
        """
        self.done = ()
        if self._analysis is not None and config.analysis == self._analysis.settings:
            self._check_day(self._analysis, config)
            return self._analysis
        base, ground = self._ground(config)
        settings = config.analysis
        card = self._scorecard(base, ground, config)
        features = self._features(base, ground, config)
        fits = self._fits(base, features, config)
        segments = self._segments(base, ground, (card, features), config)
        clustering = self._clustering(base, (card, features), fits, config)

        def view() -> Segmentation:
            customers = customers_of(card, features, clustering)
            sample = sample_of(customers, clustering, self._sample(base, customers))
            parts = ground.overview, card, features, clustering, segments, customers, sample
            found = Segmentation(ground.ledger, settings, *parts)
            return found if self._analysis is not None else hide(found)

        found: Segmentation = self._once("view", "Joining", _key(_fit_key(base, features, config), settings), view)
        return found

    def close(self) -> None:
        """Close the engine and forget everything."""
        self._let_go()
        self._kept.clear()

    def __enter__(self) -> Bench:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- The stages, in the order of the river -------------------------------------------------------------------------

    def _ground(self, config: Config) -> tuple[str, Ground]:
        """Read, clean, sum: what is known of the customers, and its key."""
        if self._analysis is not None:
            self._check_day(self._analysis, config)
            return "", self._once("sum", "Taking the customers of the analysis", "", _ground_of(self._analysis))
        source = self._source
        if source is None:
            raise AssertionError("a bench has a source or an analysis")
        base = _key(config.source, config.output.pseudonymise, config.analysis.min_group)
        return base, self._once("sum", "Checking and summing up rows", base, lambda: self._summed(source, config))

    def _summed(self, source: Source, config: Config) -> Ground:
        """The ledger is cleaned from tables that stay in the engine; its rows are freed as soon as they are summed, so it is never taken up again."""
        stages = Stages(self.progress)
        engine, tables = self._read(source, config, stages)
        ledger = clean_tables(tables, config, engine, stages)
        with stages("sum", "Summing up customers"):
            aggregates = aggregate(ledger)
            overview = explore(ledger, aggregates, config.analysis.min_group)
            computed = compute_features(aggregates.customers, ledger.has, ledger.mode)
        release(ledger)
        return Ground(ledger, overview, aggregates.customers, computed)

    def _read(self, source: Source, config: Config, stages: Stages) -> tuple[Engine, Tables]:
        """The tables in their engine: one reading is held, for the rows of another would take their place."""
        key = _key(config.engine, config.memory, config.output.pseudonymise, replace(config.source, as_of=None))
        if self._held is None or self._held[0] != key:
            self._let_go()
            engine = engine_for(source, config)
            try:
                self._held = key, engine, read_source(source, config, engine, stages)
            except BaseException:
                engine.close()
                raise
        return self._held[1], self._held[2]

    def _let_go(self) -> None:
        if self._held is not None:
            self._held[1].close()
            self._held = None

    def _scorecard(self, base: str, ground: Ground, config: Config) -> Scorecard:
        rfm = config.analysis.rfm
        key = _key(base, rfm)
        return self._once("score", "Scoring customers", key, lambda: score(ground.customers, load_grid(rfm)))

    def _features(self, base: str, ground: Ground, config: Config) -> Features:
        ledger, settings = ground.ledger, config.analysis.features
        return self._once(
            "features", "Choosing features", _key(base, settings),
            lambda: select_features(ground.computed, ledger.has, ledger.mode, settings),
        )  # fmt: skip

    def _segments(self, base: str, ground: Ground, parts: tuple[Scorecard, Features], config: Config) -> Segments:
        key = _key(base, config.analysis.rfm)
        return self._once("segments", "Sizing segments", key, lambda: size_segments(ground.ledger, *parts))

    def _fits(self, base: str, features: Features, config: Config) -> Fits:
        cluster = config.analysis.cluster
        key, eps = _fit_key(base, features, config), cluster.eps
        stages, known = Stages(self.progress), self._kept.get("fits", _Kept()).get(key)

        def refit() -> Fits:
            if known is not None:
                with stages("fit", "Looking for dense groups"):
                    return with_density(known, cluster)
            return self._fitted(features, config, stages)

        fits: Fits = self._once("fit", "Fitting clusters", _key(key, eps), refit)
        self._remember("fits", key, fits)
        return fits

    def _fitted(self, features: Features, config: Config, stages: Stages) -> Fits:
        customers = len(features.frame)
        check_memory(customers, len(features.names), room_for(config))
        with (
            stages("fit", "Fitting clusters", rows=customers),
            Press(workers=None if customers > ASIDE else 0) as press,
        ):
            return fit(features, config.analysis.cluster, press.submit)

    def _clustering(self, base: str, parts: tuple[Scorecard, Features], fits: Fits, config: Config) -> Clustering:
        """The choice among the fits, which knows nothing of the grid but what it is crossed with."""
        (card, features), cluster = parts, config.analysis.cluster
        named, key = (card.frame, card.grid.order), _key(_fit_key(base, features, config), features.notes, cluster)
        judge = self._judge(base, features, config)
        chosen: Clustering = self._once(
            "describe", "Describing clusters", key, lambda: decide(fits, features, named, cluster, judge)
        )
        return crossed(chosen, named)

    def _sample(self, base: str, customers: pd.DataFrame) -> np.ndarray:
        rows: np.ndarray = self._once("sample", "Drawing a sample", base, lambda: sample_rows(customers["customer_id"]))
        return rows

    def _judge(
        self, base: str, features: Features, config: Config
    ) -> Callable[[Board, Candidate], tuple[Candidate, np.ndarray]]:
        """`judge_ward`, which draws a null of its own, once for each number of groups."""

        def judge(board: Board, ward: Candidate) -> tuple[Candidate, np.ndarray]:
            key = _key(_fit_key(base, features, config), ward.partition.k)
            found: tuple[Candidate, np.ndarray] = self._once(
                "ward", "Comparing Ward with chance", key, lambda: judge_ward(board, ward)
            )
            return found

        return judge

    # --- Memory --------------------------------------------------------------------------------------------------------

    def _once(self, stage: str, told: str, key: str, make: Callable[[], Any]) -> Any:
        """What is remembered under this key, or is made now and remembered."""
        if key in self._kept.get(stage, _Kept()):
            value = self._kept[stage][key]
        else:
            begin, before = perf_counter(), len(self.done)
            value = make()
            within = sum(each.milliseconds for each in self.done[before:])
            self.done += (Done(stage, told, 1000 * (perf_counter() - begin) - within),)
        self._remember(stage, key, value)
        return value

    def _remember(self, stage: str, key: str, value: Any) -> None:
        kept = self._kept.setdefault(stage, _Kept())
        kept[key] = value
        kept.move_to_end(key)
        while len(kept) > (KEPT_FITS if stage.startswith("fit") else KEPT):
            kept.popitem(last=False)

    def _check_day(self, analysis: Analysis, config: Config) -> None:
        day = config.source.as_of
        if day not in (None, analysis.ledger.as_of):
            raise UsageError(
                Problem(
                    "source.as_of",
                    f"the transactions of an analysis are gone, so it cannot be seen as of {day}.",
                    "Give the source itself: reporter.explore(source).",
                )
            )


def _key(*parts: object) -> str:
    """Settings as a text: equal settings give equal texts."""
    return repr(parts)


def _fit_key(base: str, features: Features, config: Config) -> str:
    """All that the fits of KMeans and Ward depend on."""
    cluster = config.analysis.cluster
    draws = cluster.k_max, cluster.seed, cluster.null_draws, cluster.bootstraps
    return _key(base, features.names, config.analysis.features.clip, draws)


def _ground_of(analysis: Analysis) -> Callable[[], Ground]:
    """What an analysis still knows of its customers, in the order of the names that it gives them."""

    def take() -> Ground:
        frames = (analysis.scorecard.frame, analysis.features.frame)
        customers, computed = (frame.sort_values("customer_id", ignore_index=True) for frame in frames)
        return Ground(analysis.ledger, analysis.overview, customers, computed)

    return take
