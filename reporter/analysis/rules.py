"""A cluster as a short rule on raw values: at most three conditions, grown by beam search for the best F1 of coverage and precision.

Thresholds are rounded to two significant digits before they are tried, so a printed rule has exactly the coverage and precision printed with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

Condition = tuple[str, str, float]

MAX_CONDITIONS = 3
_BEAM = 5
_GAIN = 0.01
_CUTS = 40


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """A conjunction, the customers that fulfil it, and its F1."""

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
    steps = {name: np.searchsorted(cuts[name], frame[name].to_numpy("float64"), side="left") for name in frame}
    rows = []
    for number in np.unique(cluster):
        target = cluster == number
        best = _search(target, cuts, steps)
        hits = float(np.count_nonzero(best.inside & target))
        rows.append(
            (int(number), best.conditions, hits / float(target.sum()), hits / max(float(best.inside.sum()), 1.0))
        )
    return pd.DataFrame(rows, columns=["cluster", "rule", "coverage", "precision"])


def _search(target: np.ndarray, cuts: dict[str, np.ndarray], steps: dict[str, np.ndarray]) -> _State:
    everyone = np.ones(len(target), dtype=bool)
    beam = [_State((), everyone, 2 * float(target.sum()) / (len(target) + float(target.sum())))]
    best = _State((), everyone, 0.0)
    for _ in range(MAX_CONDITIONS):
        grown = [new for state in beam for new in _grow(state, target, cuts, steps)]
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


def _grow(state: _State, target: np.ndarray, cuts: dict[str, np.ndarray], steps: dict[str, np.ndarray]) -> list[_State]:
    """The best further condition of every feature and side."""
    found = []
    for name, step in steps.items():
        if len(cuts[name]) == 0:
            continue
        size = len(cuts[name]) + 1
        everyone = np.cumsum(np.bincount(step[state.inside], minlength=size))
        hits = np.cumsum(np.bincount(step[state.inside & target], minlength=size))
        for side, kept, right in (
            ("<=", everyone[:-1], hits[:-1]),
            (">", everyone[-1] - everyone[:-1], hits[-1] - hits[:-1]),
        ):
            f1 = 2 * right / (kept + target.sum())
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
