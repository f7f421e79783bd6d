"""The one door through which customers leave the analysis under other names.

Everything before it works on the true ids, so that samples, ties and clusters are those of a run without pseudonyms. Rows are then put in the order
of the pseudonyms: in the order of the ids, a place in the list would give the id away wherever ids are counted up.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import pandas as pd

from reporter.analysis.analyse import Analysis, Segmentation

Shown = TypeVar("Shown", bound=Segmentation)


def pseudonymise(analysis: Analysis) -> Analysis:
    """The same analysis with the ledger's pseudonyms for customer ids; where it has none, the analysis itself.

    Returns
    -------
    Analysis
        ``customers``, ``sample``, ``clustering.outliers`` and ``campaign.members`` sorted by pseudonym, ``replay.movers`` by value and pseudonym; frames
        that go with arrays keep the order of their rows.
    """
    known = _names(analysis)
    if known is None:
        return analysis
    replayed = analysis.replay
    if replayed is not None:
        movers = _hidden(replayed.movers, known)
        movers = movers.sort_values("value", ascending=False, kind="stable", ignore_index=True)
        replayed = replace(replayed, movers=movers)
    return replace(
        _renamed(analysis, known),
        replay=replayed,
        campaign=replace(analysis.campaign, members=_hidden(analysis.campaign.members, known)),
    )


def hide(segmentation: Segmentation) -> Segmentation:
    """The same for segments and clusters alone."""
    known = _names(segmentation)
    return segmentation if known is None else _renamed(segmentation, known)


def _names(found: Segmentation) -> dict[str, str] | None:
    """Id to pseudonym; None where the ledger has none."""
    pseudonyms, ids = found.ledger.pseudonyms, found.customers["customer_id"]
    return None if pseudonyms is None else dict(zip(ids, pseudonyms.of(ids), strict=True))


def _renamed(found: Shown, known: dict[str, str]) -> Shown:
    clustering = found.clustering
    return replace(
        found,
        customers=_hidden(found.customers, known),
        sample=_hidden(found.sample, known),
        scorecard=replace(found.scorecard, frame=_with_names(found.scorecard.frame, known)),
        features=replace(found.features, frame=_with_names(found.features.frame, known)),
        clustering=replace(clustering, outliers=_hidden(clustering.outliers, known)),
    )


def _with_names(frame: pd.DataFrame, known: dict[str, str]) -> pd.DataFrame:
    return frame.assign(customer_id=frame["customer_id"].map(known))


def _hidden(frame: pd.DataFrame, known: dict[str, str]) -> pd.DataFrame:
    return _with_names(frame, known).sort_values("customer_id", ignore_index=True)
