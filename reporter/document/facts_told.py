"""What the keys of ``facts.json`` mean: type, unit and meaning of each, for the reference, and for programs that read the file.

A key is written with its path: ``segments[].share`` stands in each entry of the list ``segments``, ``tables.{table}.read`` under every name that the data bring. Those of the campaigns and
of the look back stand beside the code that writes them (`facts_campaign`, `facts_outlook`), as do those of alarms and editions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Fact:
    """One key of ``facts.json``.

    Attributes
    ----------
    path : str
        Such as ``segments[].share``.
    kind : str
        ``text``, ``date`` (ISO 8601), ``integer``, ``number``, ``boolean``, ``value`` (any of these), ``object``, or ``list of`` one of them; ``or null`` behind it where it may be absent.
    unit : str
        Such as ``days`` or ``share`` (0 to 1); empty where there is none. ``{value}`` is the currency of the amounts, or burned coupons where there are no amounts.
    meaning : str
    """

    path: str
    kind: str
    unit: str
    meaning: str


def told(*rows: tuple[str, str, str, str]) -> tuple[Fact, ...]:
    """Facts from rows of path, kind, unit and meaning."""
    return tuple(Fact(*row) for row in rows)


def under(path: str, facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The same facts below a path."""
    return tuple(replace(fact, path=f"{path}.{fact.path}") for fact in facts)


ACCOUNT = told(
    ("read", "integer", "rows", "Rows read; always kept and rejected together."),
    ("kept", "integer", "rows", "Rows that count."),
    ("rejected", "integer", "rows", "Rows in no figure."),
    ("flagged", "integer", "rows", "Rows that count although something is odd."),
    ("by_reason", "object", "", "Each reason that occurs and its rows."),
    ("by_reason.{reason}", "integer", "rows", "Rows with this reason."),
)  # fmt: skip
"""Of the rows of a table."""
TEST = told(
    ("verdict", "text", "", "different, no difference or too few."),
    ("p_value", "number or null", "probability", "Of the chi-square test that they do not."),
    ("effect", "number or null", "0 to 1", "Cramér's V, corrected for bias."),
    ("groups", "integer", "groups", "Groups that were compared."),
    ("n", "integer", "transactions", "Transactions in these groups."),
)  # fmt: skip
"""Of a test whether groups differ."""
TABLE = told(
    ("title", "text", "", "Its title."),
    ("columns", "list of text", "", "Labels of its columns."),
    ("rows", "list of list of text", "", "Its cells as printed."),
    ("values", "list of list of value", "", "Its cells as exact values."),
)  # fmt: skip
"""Of a table as printed and as exact values."""
OF_A_BALANCE = told(
    ("account", "text", "", "What is counted."),
    ("about", "text", "", "The table it is about, or the look-up as from > to; empty for the whole."),
    ("found", "integer", "as unit", "Counted one way."),
    ("due", "integer", "as unit", "Counted another way; always equal."),
    ("unit", "text", "", "count, or cents: whole hundredths of the amounts."),
)  # fmt: skip
"""Of two counts of one thing."""

FOUND = (
    *told(
        ("schema_version", "integer", "", "Version of this form. It grows where a key changes its meaning or goes away."),
        ("run_id", "text", "", "As-of date and digest: the name of the run's folder. Not in the file of `reporter check`."),
        ("mode", "text", "", "money, or coupon where there is no amount."),
        ("as_of", "date", "", "As-of date: events on or after it have not happened yet."),
        ("rows", "object", "", "The account of the transactions."),
    ),
    *under("rows", ACCOUNT),
    *told(
        ("tables", "object", "", "The account of every table."),
        ("tables.{table}", "object", "", "The account of this table."),
    ),
    *under("tables.{table}", ACCOUNT),
    *told(
        ("notes", "list of object", "", "What was guessed, assumed, repaired or ignored while reading."),
        ("notes[].kind", "text", "", "guess, assumption, repair or ignored."),
        ("notes[].where", "text", "", "Place: file, sheet, column or setting."),
        ("notes[].what", "text", "", "What was done."),
        ("notes[].rows", "integer or null", "rows", "Rows it touches, where they can be counted."),
        ("notes[].fix", "text", "", "The setting that says otherwise; empty where there is none."),
        ("customers", "object", "", "How many customers there are."),
        ("customers.known", "integer", "customers", "In the customers table or in a kept row."),
        ("customers.scored", "integer", "customers", "With a transaction: the customers of every segment."),
        ("customers.prospects", "integer", "customers", "Known, without a transaction: counted and not scored."),
        ("totals", "object", "", "Sums over all history up to the as-of date."),
        ("totals.transactions", "integer", "transactions", "Transactions that are no refunds."),
        ("totals.monetary", "number", "{value}", "Money under the refund policy, to the cent; burned coupons where there is no amount."),
        ("totals.burned", "integer", "coupons", "Burned coupons."),
    ),
)  # fmt: skip
"""Rows, customers and totals."""

OVERVIEW = (
    *told(
        ("overview", "object", "", "Change, retention, concentration, and differences between groups."),
        ("overview.window_days", "integer or null", "days", "Length of the latest window and of the one before; null where the history is too short for two."),
        ("overview.changes", "list of object", "", "Measures of the latest window against the window before."),
        ("overview.changes[].name", "text", "", "transactions, active_customers, new_customers, monetary, burned or burn_rate."),
        ("overview.changes[].unit", "text", "", "count, money or share."),
        ("overview.changes[].now", "number", "as unit", "In the latest window."),
        ("overview.changes[].before", "number or null", "as unit", "In the window before."),
        ("overview.retention", "object or null", "", "How many come again, by cohorts of their first transaction; null where no cohort can be followed."),
        ("overview.retention.period", "text", "", "month or quarter: the length of a period."),
        ("overview.retention.average", "list of object", "", "One entry for each age."),
        ("overview.retention.average[].age", "integer", "periods", "Periods since that of the first transaction."),
        ("overview.retention.average[].rate", "number", "share", "Of the customers who can be that old, those active in that period."),
        ("overview.retention.average[].cohorts", "integer", "cohorts", "Cohorts that have reached the age."),
        ("overview.concentration", "object or null", "", "How unevenly value is spread over scored customers."),
        ("overview.concentration.gini", "number", "0 to 1", "Gini coefficient; 0: all bring the same."),
        ("overview.concentration.half_share", "number", "share", "Smallest share of customers who together hold half of the value."),
        ("overview.concentration.top_quintile_share", "number", "share", "Share of value that the most valuable fifth of customers holds."),
        ("overview.coupons", "object or null", "", "Claimed and burned coupons; null where the source has none."),
        ("overview.coupons.burn_rate", "number", "share", "Of claimed coupons, those burned."),
        ("overview.coupons.median_days", "number or null", "days", "Median from claim to burn."),
        ("overview.coupons.p90_days", "number or null", "days", "Nine of ten burned coupons were burned within so many days."),
        ("overview.groups", "object", "", "Whether groups of customers or places differ, for each kind of group that the source has."),
        ("overview.groups.{dimension}", "object", "", "One kind of group: city, gender, merchant or branch."),
        ("overview.groups.{dimension}.known", "integer", "groups", "Groups that are known."),
        ("overview.groups.{dimension}.active", "integer", "groups", "Groups with a transaction."),
        ("overview.groups.{dimension}.activity", "object", "", "Test of transactions by group."),
    ),
    *under("overview.groups.{dimension}.activity", TEST),
    *told(("overview.groups.{dimension}.burning", "object or null", "", "Test of burn rates by group; null without coupons.")),
    *under("overview.groups.{dimension}.burning", TEST),
)  # fmt: skip
"""The chapter on customers."""

SEGMENTS = told(
    ("segments", "list of object", "", "RFM segments with customers, in the order of the grid."),
    ("segments[].name", "text", "", "Name in the grid."),
    ("segments[].customers", "integer", "customers", "Customers in it."),
    ("segments[].share", "number", "share", "Of all scored customers."),
    ("segments[].transactions", "integer", "transactions", "Theirs, of all time."),
    ("segments[].transactions_share", "number", "share", "Of all transactions."),
    ("segments[].monetary", "number", "{value}", "Theirs, of all time."),
    ("segments[].monetary_share", "number", "share", "Of all value."),
    ("segments[].burned", "integer", "coupons", "Coupons that they burned."),
    ("segments[].burn_rate", "number or null", "share", "Of the coupons that they claimed, those burned; null without coupons."),
    ("segments[].median_recency_days", "number", "days", "Median of the days since the last transaction."),
    ("segments[].median_frequency", "number", "transactions", "Median of the transactions of a customer."),
    ("segments[].median_monetary", "number", "{value}", "Median of the value of a customer."),
    ("segments[].mean_monetary", "number", "{value}", "Mean of the value of a customer."),
    ("segments[].monetary_per_transaction", "number or null", "currency", "Money of a transaction; null where there is no amount."),
    ("segments[].median_tenure_days", "number", "days", "Median of the days since joining."),
    ("segments[].lapsed_share", "number or null", "share", "Of those with transactions on two or more days, those silent for more than twice their own mean gap."),
)  # fmt: skip
"""The segments."""

REPLAY = told(
    ("replay", "object or null", "", "The segments on earlier dates, by the rows known then; null where the history is too short."),
    ("replay.since", "date", "", "The earlier date that is told at length."),
    ("replay.segments", "list of object", "", "Every segment of the grid, now and on that date."),
    ("replay.segments[].name", "text", "", "Name in the grid."),
    ("replay.segments[].customers", "integer", "customers", "Now."),
    ("replay.segments[].monetary", "number", "{value}", "Of all time until now."),
    ("replay.segments[].value", "number", "{value}", "Of the twelve months before now."),
    ("replay.segments[].customers_before", "integer", "customers", "On the earlier date."),
    ("replay.segments[].monetary_before", "number", "{value}", "Of all time until the earlier date."),
    ("replay.segments[].value_before", "number", "{value}", "Of the twelve months before the earlier date."),
    ("replay.dates", "list of object", "", "Every earlier date, in the order of replay.periods."),
    ("replay.dates[].period", "text", "", "month, quarter or year."),
    ("replay.dates[].day", "date", "", "The earlier date."),
    ("replay.dates[].customers", "integer", "customers", "Scored on it."),
    ("replay.dates[].matrix", "list of object", "", "Moves of at least report.min_group customers, stayers and newcomers included."),
    ("replay.dates[].matrix[].from", "text", "", "Segment then; for newcomers the word for them."),
    ("replay.dates[].matrix[].to", "text", "", "Segment now."),
    ("replay.dates[].matrix[].customers", "integer", "customers", "Who made this move."),
    ("replay.dates[].matrix[].value", "number", "{value}", "What they brought in the twelve months before the earlier date; newcomers: since then."),
    ("replay.dates[].at_least", "list of object", "", "Moves of which only a lower bound is told, so that no small move can be had by subtraction."),
    ("replay.dates[].at_least[].from", "text", "", "Segment then."),
    ("replay.dates[].at_least[].to", "text", "", "Segment now."),
    ("replay.dates[].at_least[].customers", "integer", "customers", "At least so many made this move."),
    ("replay.trend", "list of object", "", "Every segment at monthly points, the last of them the as-of date."),
    ("replay.trend[].day", "date", "", "The point."),
    ("replay.trend[].segment", "text", "", "Name in the grid."),
    ("replay.trend[].customers", "integer", "customers", "In it on that day."),
    ("replay.trend[].monetary", "number", "{value}", "Of all time until that day."),
    ("replay.trend[].value", "number", "{value}", "Of the twelve months before that day."),
)  # fmt: skip
"""The chapter on what changed."""

CLUSTERING = told(
    ("clustering", "object", "", "Natural groups, and how they were judged."),
    ("clustering.verdict", "text", "", "real, weak or none."),
    ("clustering.reason", "text", "", "passed, or what failed: effect, stability, null or too few."),
    ("clustering.effect", "number or null", "silhouette", "Silhouette of the rule's choice above the mean of tables without clumps."),
    ("clustering.chosen", "object or null", "", "The partition that is shown."),
    ("clustering.chosen.method", "text", "", "kmeans or ward."),
    ("clustering.chosen.k", "integer", "clusters", "Number of clusters."),
    ("clustering.by_rule", "object or null", "", "The partition that the rule takes; the verdict is on it."),
    ("clustering.by_rule.method", "text", "", "kmeans or ward."),
    ("clustering.by_rule.k", "integer", "clusters", "Number of clusters."),
    ("clustering.features", "list of text", "", "Columns of customers.csv that the distances are made of."),
    ("clustering.elbow_k", "integer or null", "clusters", "Farthest point of the inertia curve from its chord; it decides nothing."),
    ("clustering.agreement_with_segments", "number or null", "index", "Adjusted Rand index of clusters and segments; 1: the same, 0: as by chance."),
    ("clustering.outliers", "integer", "customers", "Customers whom DBSCAN calls noise."),
    ("clustering.candidates", "list of object", "", "Every method and number of clusters that was tried."),
    ("clustering.candidates[].method", "text", "", "kmeans, ward or dbscan."),
    ("clustering.candidates[].k", "integer", "clusters", "Number of clusters, noise not counted."),
    ("clustering.candidates[].inertia", "number", "squared deviations", "Sum of the squared distances to the centres, in standard deviations of the features."),
    ("clustering.candidates[].silhouette", "number or null", "-1 to 1", "Mean silhouette width."),
    ("clustering.candidates[].davies_bouldin", "number or null", "index", "Davies-Bouldin index; less is better."),
    ("clustering.candidates[].calinski_harabasz", "number or null", "index", "Calinski-Harabasz index; more is better."),
    ("clustering.candidates[].null_silhouette", "number or null", "-1 to 1", "Mean silhouette of tables without clumps; null where none was computed."),
    ("clustering.candidates[].null_low", "number or null", "-1 to 1", "5 % of these tables are below."),
    ("clustering.candidates[].null_high", "number or null", "-1 to 1", "95 % of these tables are below."),
    ("clustering.candidates[].stability", "number or null", "index", "Mean adjusted Rand index of resampled tables; null where none was computed."),
    ("clustering.candidates[].smallest_share", "number", "share", "Of all customers, those in the smallest cluster."),
    ("clustering.candidates[].noise_share", "number", "share", "Of all customers, those in no cluster."),
    ("clustering.candidates[].silhouette_error", "number or null", "silhouette", "Change of the silhouette with a summary half as fine; null: exact."),
    ("clustering.computed", "object", "", "How each step was computed."),
    ("clustering.computed.{step}", "object", "", "kmeans, ward, dbscan, silhouette, null or stability."),
    ("clustering.computed.{step}.exact", "boolean", "", "Whether it is exact."),
    ("clustering.computed.{step}.basis", "text", "", "all, refined, leaves, cells or sample."),
    ("clustering.computed.{step}.points", "integer", "points", "Points it ran on."),
    ("clustering.computed.{step}.error", "number or null", "", "What that may cost; see the page on approximations."),
)  # fmt: skip
"""The chapter on natural groups."""

RECONCILIATION = (
    *told(
        ("reconciliation", "object", "", "Rejected and flagged rows, look-ups, repairs, and counts that must agree."),
        ("reconciliation.reasons", "list of object", "", "Every reason that occurs, by table."),
        ("reconciliation.reasons[].table", "text", "", "Its table."),
        ("reconciliation.reasons[].reason", "text", "", "Its name, as in rejects.csv."),
        ("reconciliation.reasons[].kind", "text", "", "rejected or flagged."),
        ("reconciliation.reasons[].rows", "integer", "rows", "Rows with it."),
        ("reconciliation.reasons[].first_rows", "list of integer", "", "Numbers of the first of them."),
        ("reconciliation.reasons[].first_files", "list of text", "", "Their files, where a table has several."),
        ("reconciliation.reasons[].mend", "text", "", "How to mend it in the source."),
        ("reconciliation.joins", "list of object", "", "Every look-up of one table in another."),
        ("reconciliation.joins[].table", "text", "", "The table that asks."),
        ("reconciliation.joins[].lookup", "text", "", "The table that is asked."),
        ("reconciliation.joins[].rows", "integer", "rows", "Kept rows: found, missing and blank together."),
        ("reconciliation.joins[].found", "integer", "rows", "Rows whose key is there."),
        ("reconciliation.joins[].missing", "integer", "rows", "Rows whose key is not there."),
        ("reconciliation.joins[].missing_keys", "integer", "keys", "Different keys among the missing."),
        ("reconciliation.joins[].blank", "integer", "rows", "Rows without a key."),
        ("reconciliation.repairs", "object", "", "The notes, counted by kind."),
        ("reconciliation.repairs.{kind}", "object", "", "repair, guess, assumption or ignored."),
        ("reconciliation.repairs.{kind}.remarks", "integer", "notes", "Notes of this kind."),
        ("reconciliation.repairs.{kind}.rows", "integer", "rows", "Rows that they touch, where these are known."),
        ("reconciliation.customers", "object", "", "Where every known customer went."),
        ("reconciliation.customers.scored", "integer", "customers", "With a transaction."),
        ("reconciliation.customers.only_refunds", "integer", "customers", "With refunds and nothing else."),
        ("reconciliation.customers.without_transactions", "integer", "customers", "With no kept row of transactions."),
        ("reconciliation.customers.only_in_transactions", "integer", "customers", "Of all of them, those that the customers table lacks."),
        ("reconciliation.balances", "list of object", "", "Counts of one thing by two ways. A run in which two differ ends with code 1."),
    ),
    *under("reconciliation.balances[]", OF_A_BALANCE),
)  # fmt: skip
"""The chapter on data quality."""

ACROSS = told(
    ("grid", "object", "", "The grid that names the segments."),
    ("grid.name", "text", "", "Preset, or name of the file."),
    ("grid.bins", "integer", "scores", "Scores run from 1 to this."),
    ("grid.scoring", "text", "", "rank, or r-rfm: the rule of the R package."),
    ("grid.limits", "object", "", "Boundaries of scores that are set by hand; who is on one has the better score."),
    ("grid.limits.recency_days", "list of number", "days", "Those of recency, rising; empty: equal shares of the customers."),
    ("grid.limits.frequency", "list of number", "transactions", "Those of frequency."),
    ("grid.limits.monetary", "list of number", "{value}", "Those of monetary."),
    ("grid.order", "list of text", "", "Segments, best first."),
    ("grid.cells", "object", "", "Every cell and its segment."),
    ("grid.cells.{cell}", "text", "", "Segment of this cell: scores of recency, frequency and monetary, such as 555."),
    ("history", "object or null", "", "Earlier runs of the series; null where history is off or the report is an edition for a reader."),
    ("history.series", "object", "", "What runs of a series have in common."),
    ("history.series.name", "text", "", "history.series; empty: told from the data."),
    ("history.series.mode", "text", "", "money or coupon."),
    ("history.series.currency", "text or null", "", "Currency of the amounts."),
    ("history.series.layout", "text", "", "shop or orders; empty where the series has a name."),
    ("history.series.organisation", "text", "", "report.organisation; empty where the series has a name."),
    ("history.series.pseudonym_key_check", "text", "", "Tells keys of pseudonyms apart, and does not give them away; empty without pseudonyms."),
    ("history.runs", "list of object", "", "The runs of the series, oldest first, this one last."),
    ("history.runs[].run_id", "text", "", "The run."),
    ("history.runs[].as_of", "date", "", "Its as-of date."),
    ("history.runs[].grid", "text", "", "Digest of its grid: segments are compared where it is the same."),
    ("history.runs[].customers", "integer", "customers", "Scored."),
    ("history.runs[].window_days", "integer or null", "days", "What active and monetary look back over; null: all history."),
    ("history.runs[].active", "integer", "customers", "With a transaction in the window."),
    ("history.runs[].monetary", "number", "{value}", "Of the window."),
    ("history.runs[].read", "integer", "rows", "Rows of transactions before its as-of date."),
    ("history.runs[].rejected", "integer", "rows", "Of them rejected."),
    ("history.runs[].verdict", "text", "", "real, weak or none."),
    ("history.runs[].k", "integer or null", "clusters", "Natural groups, where some were chosen."),
    ("history.runs[].segments", "list of object", "", "Segments in the order of the grid."),
    ("history.runs[].segments[].name", "text", "", "Name in the grid."),
    ("history.runs[].segments[].customers", "integer", "customers", "In it."),
    ("history.runs[].segments[].monetary", "number", "{value}", "Theirs, of all time."),
    ("history.kept", "object or null", "", "Who is where they were in the run before; null where it cannot be told."),
    ("history.kept.since", "date", "", "As-of date of that run."),
    ("history.kept.customers", "integer", "customers", "Scored then and now."),
    ("history.kept.same", "integer", "customers", "Of them, in the segment of then."),
)  # fmt: skip
"""Grid and earlier runs."""

PRINTED = (
    *told(
        ("titles", "list of text", "", "Titles that the pages show, in their order."),
        ("gist", "object", "", "The first page in plain values, as the mail tells it."),
        ("gist.language", "text", "", "Language of the words."),
        ("gist.title", "text", "", "report.title."),
        ("gist.organisation", "text", "", "report.organisation; of an edition, with whom it is about."),
        ("gist.confidentiality", "text", "", "report.confidentiality."),
        ("gist.edition", "text", "", "full or brief."),
        ("gist.headline", "text", "", "The message of the report."),
        ("gist.as_of", "text", "", "As-of date as printed."),
        ("gist.period", "text", "", "First and last day of the data, as printed."),
        ("gist.provenance", "text", "", "Run, digest of the data, seed and version, as printed."),
        ("gist.lede", "text", "", "The first paragraph."),
        ("gist.stats", "list of object", "", "Key figures."),
        ("gist.stats[].label", "text", "", "What it is."),
        ("gist.stats[].value", "text", "", "As printed."),
        ("gist.stats[].change", "text", "", "Its change, as printed; empty where there is none."),
        ("gist.stats[].trend", "text", "", "up, down or flat; empty where there is no change."),
        ("gist.stats[].good", "boolean or null", "", "Whether that is good; null where it is neither."),
        ("gist.chart", "object or null", "", "The picture of the page."),
        ("gist.chart.title", "text", "", "Its title."),
        ("gist.chart.subtitle", "text", "", "What it shows."),
        ("gist.chart.source", "text", "", "What it is made of."),
        ("gist.chart.alt", "text", "", "What is to be seen, for those who do not see it."),
        ("gist.findings", "list of object", "", "What was found."),
        ("gist.findings[].lead", "text", "", "The number."),
        ("gist.findings[].text", "text", "", "The sentence."),
        ("gist.boxes", "list of object", "", "What to do, and how sure that is."),
        ("gist.boxes[].kind", "text", "", "action or verdict, or another kind of box."),
        ("gist.boxes[].title", "text", "", "Its title."),
        ("gist.boxes[].body", "list of text", "", "Its sentences."),
        ("gist.palette", "object", "", "Colour of every segment of the grid."),
        ("gist.palette.{segment}", "integer", "", "Number of the colour."),
        ("gist.inks", "object", "", "Colours of your own that stand in for ours; empty where there are none."),
        ("gist.inks.{ink}", "text", "", "The colour, six hex digits."),
        ("statements", "list of object", "", "Every sentence of the report."),
        ("statements[].section", "text", "", "Its section."),
        ("statements[].text", "text", "", "As printed."),
        ("statements[].numbers", "list of object", "", "The numbers in it."),
        ("statements[].numbers[].name", "text", "", "Its name in the sentence."),
        ("statements[].numbers[].value", "value", "", "Exact."),
        ("statements[].numbers[].text", "text", "", "As printed."),
        ("report_tables", "object", "", "Every table of the report."),
        ("report_tables.{table}", "object", "", "One table."),
    ),
    *under("report_tables.{table}", TABLE),
    *told(
        ("chart_tables", "object", "", "What every chart shows, as a table."),
        ("chart_tables.{chart}", "object", "", "One chart."),
    ),
    *under("chart_tables.{chart}", TABLE),
)  # fmt: skip
"""What the pages say."""

MEANINGS = (*FOUND, *OVERVIEW, *SEGMENTS, *REPLAY, *CLUSTERING, *RECONCILIATION, *ACROSS, *PRINTED)
"""Of what `facts.facts` writes itself."""
