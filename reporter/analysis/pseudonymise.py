"""The one door through which customers leave the analysis under other names.

Everything before it works on the true ids, so that samples, ties and clusters are those of a run without pseudonyms. Rows are then put in the order
of the pseudonyms: in the order of the ids, a place in the list would give the id away wherever ids are counted up.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from reporter.analysis.analyse import Analysis


def pseudonymise(analysis: Analysis) -> Analysis:
    """The same analysis with the ledger's pseudonyms for customer ids; where it has none, the analysis itself.

    Returns
    -------
    Analysis
        ``customers``, ``sample``, ``clustering.outliers`` and ``campaign.members`` sorted by pseudonym, ``replay.movers`` by value and pseudonym; frames
        that go with arrays keep the order of their rows.
    """
    pseudonyms = analysis.ledger.pseudonyms
    if pseudonyms is None:
        return analysis
    names = pseudonyms.of(analysis.customers["customer_id"])
    known = dict(zip(analysis.customers["customer_id"], names, strict=True))

    def renamed(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(customer_id=frame["customer_id"].map(known))

    def hidden(frame: pd.DataFrame) -> pd.DataFrame:
        return renamed(frame).sort_values("customer_id", ignore_index=True)

    clustering, replayed = analysis.clustering, analysis.replay
    if replayed is not None:
        movers = hidden(replayed.movers).sort_values("value", ascending=False, kind="stable", ignore_index=True)
        replayed = replace(replayed, movers=movers)
    return replace(
        analysis,
        customers=hidden(analysis.customers),
        sample=hidden(analysis.sample),
        scorecard=replace(analysis.scorecard, frame=renamed(analysis.scorecard.frame)),
        features=replace(analysis.features, frame=renamed(analysis.features.frame)),
        clustering=replace(clustering, outliers=hidden(clustering.outliers)),
        replay=replayed,
        campaign=replace(analysis.campaign, members=hidden(analysis.campaign.members)),
    )
