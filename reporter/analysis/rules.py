"""A cluster as a short rule on raw values: at most three conditions, grown by beam search for the best F1 of coverage and precision.

Thresholds are rounded to two significant digits before they are tried, so a printed rule has exactly the coverage and precision printed with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reporter.analysis.points import collapse_codes

Condition = tuple[str, str, float]

MAX_CONDITIONS = 3
_BEAM = 5
_GAIN = 0.01
_CUTS = 40


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """A conjunction, the cells of equal customers that fulfil it, and its F1."""

    conditions: tuple[Condition, ...]
    inside: np.ndarray
    f1: float


def describe_clusters(frame: pd.DataFrame, cluster: np.ndarray) -> pd.DataFrame:
    """One rule per cluster.

    Parameters
    ----------
    frame : pandas.DataFrame
        Raw values of the kept features, no missing ones.
    cluster : numpy.ndarray, shape (n_customers,)
        Printed cluster numbers.

    Returns
    -------
    pandas.DataFrame
        ``cluster`` int · ``rule`` tuple of (feature, "<="|">", threshold) · ``coverage`` float (customers of the cluster that fulfil it) ·
        ``precision`` float (customers who fulfil it and are in the cluster).
    """
    cuts = {name: _thresholds(frame[name].to_numpy("float64")) for name in frame}
    every = [np.searchsorted(cuts[name], frame[name].to_numpy("float64"), side="left").astype("int8") for name in frame]
    place, index = collapse_codes([*every, cluster])
    weight, cluster = np.bincount(index).astype("float64"), cluster[place]
    steps = {name: step[place] for name, step in zip(frame, every, strict=True)}
    rows = []
    for number in np.unique(cluster):
        own = np.where(cluster == number, weight, 0.0)
        best = _search((own, weight), cuts, steps)
        hits = float(own[best.inside].sum())
        rows.append((int(number), best.conditions, hits / own.sum(), hits / max(float(weight[best.inside].sum()), 1.0)))
    return pd.DataFrame(rows, columns=["cluster", "rule", "coverage", "precision"])


def _search(people: tuple[np.ndarray, np.ndarray], cuts: dict[str, np.ndarray], steps: dict[str, np.ndarray]) -> _State:
    target, every = (float(mass.sum()) for mass in people)
    everyone = np.ones(len(people[0]), dtype=bool)
    beam = [_State((), everyone, 2 * target / (every + target))]
    best = _State((), everyone, 0.0)
    for _ in range(MAX_CONDITIONS):
        grown = [new for state in beam for new in _grow(state, people, cuts, steps)]
        grown = [state for state in grown if len(state.conditions) <= MAX_CONDITIONS]
        if not grown:
            break
        beam = sorted(grown, key=_rank)[:_BEAM]
        if beam[0].f1 > best.f1 + _GAIN:
            best = beam[0]
    return best


def _rank(state: _State) -> tuple[float, int, tuple[Condition, ...]]:
    """Best F1 first, then the shorter rule, then by name."""
    return -round(state.f1, 10), len(state.conditions), state.conditions


def _grow(
    state: _State, people: tuple[np.ndarray, np.ndarray], cuts: dict[str, np.ndarray], steps: dict[str, np.ndarray]
) -> list[_State]:
    """The best further condition of every feature and side; `people`: customers of the cluster and of all clusters in each cell."""
    own, every = people
    target = own.sum()
    found = []
    for name, step in steps.items():
        if len(cuts[name]) == 0:
            continue
        size = len(cuts[name]) + 1
        everyone = np.cumsum(np.bincount(step[state.inside], weights=every[state.inside], minlength=size))
        hits = np.cumsum(np.bincount(step[state.inside], weights=own[state.inside], minlength=size))
        for side, kept, right in (
            ("<=", everyone[:-1], hits[:-1]),
            (">", everyone[-1] - everyone[:-1], hits[-1] - hits[:-1]),
        ):
            f1 = 2 * right / (kept + target)
            place = int(np.round(f1, 10).argmax())
            holds = step <= place if side == "<=" else step > place
            new = (name, side, float(cuts[name][place]))
            others = tuple(c for c in state.conditions if c[:2] != new[:2])
            found.append(_State((*others, new), state.inside & holds, float(f1[place])))
    return found


def _thresholds(values: np.ndarray) -> np.ndarray:
    """Where a feature may be cut: every value but the largest when there are few, else quantiles, as readable numbers."""
    distinct = np.unique(values)
    if len(distinct) > _CUTS:
        distinct = np.quantile(values, np.linspace(0.025, 0.975, _CUTS - 1))
    readable = np.unique([float(f"{value:.2g}") for value in distinct])
    return np.asarray(readable[(readable >= values.min()) & (readable < values.max())])
