"""The explorer: a report's settings as knobs in a notebook, what they do at once, and the settings as a file for the report."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from reporter.analysis.analyse import Analysis
from reporter.errors import Problem, UsageError

if TYPE_CHECKING:
    from reporter.explorer.widget import Explorer
    from reporter.intake.memory import Source
    from reporter.settings import Config


def explore(source: Source | Analysis, config: Config | None = None) -> Explorer:
    """Turn the knobs of a report in a notebook, and see at once what changes.

    Parameters
    ----------
    source : Source or Analysis
        As for `reporter.run`. An analysis has no transactions any more: it can be scored and clustered otherwise, but not as of another date, and no report
        can be made of it.
    config : Config, optional
        Where the knobs stand at first, and what movement is told against; without it the defaults, or the settings of the analysis.

    Returns
    -------
    Explorer
        It shows itself in JupyterLab, VS Code, Colab and Voila.

    Raises
    ------
    UsageError
        Where ipywidgets is not installed, and for settings that cannot be used.
    InputError
        Where the source cannot be used.

    Examples
    --------
    >>> import reporter
    >>> few = ["cluster.k_max=4", "cluster.null_draws=4", "cluster.bootstraps=4"]
    >>> explorer = reporter.explore(reporter.sample(customers=80), reporter.load_config(overrides=few)[0])
    >>> explorer.turn("cluster.k", 3)
    >>> explorer.found.clustering.chosen.partition.k
    3
    """
    if find_spec("ipywidgets") is None:
        what, fix = "ipywidgets is not installed.", 'Install it: pip install "reporter[notebook]"'
        raise UsageError(Problem("explorer", what, fix))
    from reporter.explorer.widget import Explorer

    return Explorer(source, config)
