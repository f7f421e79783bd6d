"""From text tables to the ledger: typed, labelled with reasons, split into kept and rejected, every row accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib.resources import files
from typing import Any

import pandas as pd

from reporter.engine import Engine
from reporter.errors import InputError, Problem, rows_told
from reporter.intake import evidence
from reporter.intake.accounts import Counted, balances_of, hits_of, in_files, joins_of, tallies_of
from reporter.intake.currency import foreign_signs
from reporter.intake.findings import Teller, all_findings, held_findings
from reporter.intake.ledger import EXAMPLES, Hit, Ledger, Mode, Note, Tally
from reporter.intake.pseudonyms import Pseudonyms
from reporter.intake.read import Tables
from reporter.intake.reasons import REASONS
from reporter.intake.schema import LOOKUPS
from reporter.intake.settings import SourceSettings
from reporter.intake.told import Told
from reporter.intake.typed import is_there

__all__ = ["REASONS", "clean"]

KEPT = (
    ("customers", "id, join_day, city_id, gender_id"),
    ("genders", "id, name"),
    ("cities", "id, name"),
    ("branches", "id, name, merchant_id"),
    ("merchants", "id, name"),
)


@dataclass(frozen=True, slots=True)
class Decisions:
    """All that the columns as a whole decide before a row is looked at; the one row of table ``params``."""

    values: dict[str, Any]
    meanings: tuple[tuple[str, evidence.Meaning], ...]
    notes: tuple[Note, ...]

    @property
    def mode(self) -> Mode:
        """Whether there is money."""
        return "money" if self.values["mode"] == "money" else "coupon"


def clean(tables: Tables, settings: SourceSettings, engine: Engine, pseudonyms: Pseudonyms | None = None) -> Ledger:
    """Clean the tables of a source.

    Parameters
    ----------
    tables : Tables
        As `read` left them in `engine`.
    settings : SourceSettings
    engine : Engine
    pseudonyms : Pseudonyms, optional
        Put in place of each customer id among the findings; the tables in the engine keep the ids.

    Returns
    -------
    Ledger
        With tables ``transactions`` and ``customers`` in the engine.

    Raises
    ------
    InputError
        When no row at all can be used; says why, reason by reason.
    AssertionError
        When the accounts do not balance: our own fault, never the user's.
    """
    decisions = _decide(tables, settings, engine)
    _type_and_label(engine, decisions)
    horizon = _horizon(engine, settings.as_of)
    _judge(engine, horizon)
    hits = in_files(tables, _hits(engine))
    tallies = tallies_of(tables, _row_counts(engine, tables), hits)
    teller = Teller(tables, decisions.values["amount_from"] == "pieces", pseudonyms)
    findings = held_findings(engine, teller)
    _check_kept(tables, tallies, hits, findings)
    facts = _facts(engine)
    if facts["refunds"] == facts["kept"]:
        raise _nothing_sold(tables)
    joins = joins_of(tables, engine.arrow(_sql("70_joins")).to_pylist())
    engine.forget("typed", "repeated_keys", "twins", "clashes", "alike", "odd")
    late = (*_horizon_notes(horizon, settings, hits), *_mode_notes(decisions, facts))
    return Ledger(
        engine=engine,
        mode=decisions.mode,
        layout=tables.layout,
        as_of=horizon.as_of,
        first_day=facts["first_day"],
        last_day=facts["last_day"],
        currency=settings.currency or settings.keep_currency,
        has=_has(decisions, facts),
        tallies=tallies,
        findings=findings,
        notes=(*tables.notes, *decisions.notes, *_one_name_notes(engine, tables), *late),
        files=tables.files,
        known=_known(engine, tables),
        later_burns=_rows_hit(hits, "later-burn"),
        refund_policy=settings.refunds.policy,
        pseudonyms=pseudonyms,
        hits=hits,
        joins=joins,
        only_in_transactions=sum(join.missing_keys for join in joins if join.lookup == "customers"),
        refund_rows=facts["refunds"],
        balances=balances_of(tallies, hits, joins, facts),
        walk=partial(all_findings, engine, teller),
    )


def _decide(tables: Tables, settings: SourceSettings, engine: Engine) -> Decisions:
    columns = tables.columns["transactions"]
    signs, notes = _money(tables, settings, engine)
    orders: dict[str, str] = {}
    for table, column, key in (
        ("transactions", "transaction_date", "transaction_order"),
        ("transactions", "burn_date", "burn_order"),
        ("customers", "join_date", "join_order"),
    ):
        guess = evidence.date_order(engine, table, column, place_of(tables, table, column), settings)
        orders[key] = guess.value
        notes += guess.notes
    words = evidence.statuses(engine, place_of(tables, "transactions", "transaction_status"), settings.status)
    values = {
        "layout": tables.layout,
        "policy": settings.refunds.policy,
        "until": None if settings.as_of is None else settings.as_of.isoformat(),
        **signs,
        **orders,
        "has_coupon_words": words.are_coupons,
        "burned_by_date": not words.are_coupons and "burn_date" in columns,
        "has_burns": "burn_date" in columns,
        "has_ids": "transaction_id" in columns,
        "header_transactions": columns.get("customer_id"),
        "header_dates": columns.get("transaction_date"),
        **{f"header_{table.name}": tables.columns.get(table.name, {}).get(table.key) for table in LOOKUPS},
        **{f"has_{table.name}": table.name in tables.columns for table in LOOKUPS},
    }
    return Decisions(values, words.meanings, (*notes, *words.notes, *_name_notes(engine, tables)))


def _money(tables: Tables, settings: SourceSettings, engine: Engine) -> tuple[dict[str, Any], tuple[Note, ...]]:
    """Where the amount comes from, and the decimal sign of each column that makes it."""
    columns = ("amount", "quantity", "unit_price")
    counts = ", ".join(f"count(CASE WHEN {is_there(column)} THEN 1 END) AS {column}" for column in columns)
    filled = engine.arrow(f"SELECT {counts} FROM raw_transactions").to_pylist()[0]
    source = "amount" if filled["amount"] else "pieces" if filled["quantity"] and filled["unit_price"] else None
    used = {"amount": ("amount",), "pieces": ("quantity", "unit_price"), None: ()}[source]
    signs = {column: evidence.Guess(".") for column in columns}
    notes: tuple[Note, ...] = ()
    money = {"amount": "amount", "pieces": "unit_price", None: None}[source]
    foreign: tuple[str, ...] = ()
    if money is not None:
        foreign = foreign_signs(engine, money, place_of(tables, "transactions", money), settings)
    for column in used:
        signs[column] = evidence.decimal_sign(engine, column, place_of(tables, "transactions", column), settings)
        notes += signs[column].notes
    if source == "pieces":
        notes += (
            Note("guess", place_of(tables, "transactions", "unit_price"), Told("Amount is quantity times unit price.")),
        )
    if source is None and "amount" in tables.columns["transactions"]:
        notes += (
            Note(
                "assumption",
                place_of(tables, "transactions", "amount"),
                Told("The column is empty: there is no money."),
            ),
        )
    values = {
        "mode": "money" if source else "coupon",
        "amount_from": source,
        "amount_sign": signs["amount"].value,
        "quantity_sign": signs["quantity"].value,
        "price_sign": signs["unit_price"].value,
        "foreign_signs": "".join(f"|{sign}|" for sign in foreign) or None,
    }
    return values, notes


def place_of(tables: Tables, table: str, column: str) -> str:
    """File, sheet and column as their owner knows them."""
    file, sheet = tables.places.get(table, (table, ""))
    theirs = tables.columns.get(table, {}).get(column, column)
    if not sheet:
        return Told("{file}, column {column}", file=file, column=theirs)
    return Told(
        "{file}, {part} {sheet}, column {column}", file=file, part=Told(tables.part), sheet=sheet, column=theirs
    )


def _name_notes(engine: Engine, tables: Tables) -> list[Note]:
    """Names that lost characters no printer can show."""
    notes = []
    for table in LOOKUPS:
        for column in table.columns:
            if column.kind == "text" and column.name in tables.columns.get(table.name, {}):
                sql = f"SELECT count(*) AS n FROM raw_{table.name} WHERE printable({column.name}) <> {column.name}"
                rows = engine.arrow(sql)["n"][0].as_py()
                what = Told("Control characters and marks that turn the direction of writing were taken out of names.")
                notes += [Note("repair", place_of(tables, table.name, column.name), what, rows)] if rows else []
    return notes


def _one_name_notes(engine: Engine, tables: Tables) -> list[Note]:
    """Ids that share a name: they are one line wherever names stand."""
    notes = []
    for table in LOOKUPS[1:]:
        named = next(column.name for column in table.columns if column.kind == "text")
        if table.name in tables.columns:
            (twins,) = engine.arrow(
                f"SELECT count(*) AS names, sum(n) AS ids, min(name) AS example FROM (SELECT name, count(*) AS n "
                f"FROM kept_{table.name} WHERE name IS NOT NULL GROUP BY name HAVING count(*) > 1) AS shared"
            ).to_pylist()
            if twins["names"]:
                what = Told(
                    "{ids} ids share {names} names, such as “{example}”: ids of one name are shown as one.",
                    ids=f"{int(twins['ids']):,}",
                    names=f"{twins['names']:,}",
                    example=twins["example"],
                )
                notes.append(Note("assumption", place_of(tables, table.name, named), what, int(twins["ids"])))
    return notes


def _type_and_label(engine: Engine, decisions: Decisions) -> None:
    """The steps up to the events, from which the as-of date follows."""
    import pyarrow as pa

    text = {key for key, value in decisions.values.items() if not isinstance(value, bool)}
    types = [(key, pa.string() if key in text else pa.bool_()) for key in decisions.values]
    engine.register("params", pa.Table.from_pylist([decisions.values], pa.schema(types)))
    meanings = [{"status": status, "meaning": meaning} for status, meaning in decisions.meanings]
    words = pa.schema([("status", pa.string()), ("meaning", pa.string())])
    engine.register("status_meanings", pa.Table.from_pylist(meanings, words))
    engine.step("entries", _sql("10_entries"))
    engine.step("entries_judged", _sql("11_entries_judged"), keep=True)
    for table, columns in KEPT:
        sql = f"SELECT {columns} FROM entries_judged WHERE table_name = '{table}' AND reason IS NULL"
        engine.step(f"kept_{table}", sql)
    engine.step("typed", _sql("20_typed"), keep=True)
    engine.step("repeated_keys", _sql("21_repeated_keys"), keep=True)
    engine.step("candidates", _sql("22_candidates"))
    engine.step("clashes", _sql("23_clashes"), keep=True)
    engine.step("alike", _sql("24_alike"), keep=True)
    engine.step("twins", _sql("25_twins"), keep=True)
    engine.step("labelled", _sql("30_labelled"))
    engine.step("events", _sql("31_events"))


def _horizon(engine: Engine, as_of: date | None) -> evidence.Horizon:
    events = [(row["day"], row["events"]) for row in engine.arrow("SELECT * FROM events ORDER BY day").to_pylist()]
    return evidence.horizon(events or [(date(1970, 1, 1), 0)], as_of)


def _judge(engine: Engine, horizon: evidence.Horizon) -> None:
    import pyarrow as pa

    days = ("as_of", "first_plausible", "last_plausible")
    row = {"as_of": horizon.as_of, "first_plausible": horizon.first_plausible, "last_plausible": horizon.last_plausible}
    engine.register("horizon", pa.Table.from_pylist([row], pa.schema([(day, pa.date32()) for day in days])))
    engine.step("verdicts", _sql("40_verdicts"))
    engine.step("judged", _sql("41_judged"))
    engine.step("odd", _sql("42_odd"), keep=True)
    engine.step("findings", _sql("50_findings"), keep=True)
    engine.step("told", _sql("51_told"), keep=True)
    engine.step("transactions", _sql("60_transactions"), keep=True)
    engine.step("customers", _sql("61_customers"), keep=True)


def _sql(step: str) -> str:
    """The one SELECT of a step, without its comment."""
    text = files("reporter.intake").joinpath("sql", f"{step}.sql").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))


def _hits(engine: Engine) -> tuple[Hit, ...]:
    first = f"SELECT table_name, reason, row_no FROM findings WHERE nth <= {EXAMPLES}"
    return hits_of(engine.arrow(_sql("52_tallies")).to_pylist(), engine.arrow(first).to_pylist())


def _rows_hit(hits: Sequence[Hit], reason: str) -> int:
    return sum(hit.rows for hit in hits if hit.reason == reason)


def _row_counts(engine: Engine, tables: Tables) -> dict[str, Counted]:
    """The rows of each table: read, kept, rejected and flagged, each counted where they are."""
    found = {row.pop("table_name"): row for row in engine.arrow(_sql("53_rows")).to_pylist()}
    counts = {}
    for table in tables.columns:
        kept = "verdicts WHERE reason IS NULL" if table == "transactions" else f"kept_{table}"
        read, passed = (
            engine.arrow(f"SELECT count(*) AS n FROM {name}")["n"][0].as_py() for name in (f"raw_{table}", kept)
        )
        counts[table] = Counted(int(read), int(passed), **{key: int(n) for key, n in found.get(table, {}).items()})
    return counts


def _facts(engine: Engine) -> dict[str, Any]:
    """Small figures of the finished ledger, counted on its two tables."""
    sold: dict[str, Any] = engine.arrow(
        "SELECT count(*) AS kept, min(CASE WHEN day >= first_plausible THEN day END) AS first_day, max(day) AS last_day, count(branch_id) AS branch, "
        "count(merchant_name) AS merchant, count(CASE WHEN is_refund THEN 1 END) AS refunds, count(CASE WHEN is_burned THEN 1 END) AS burned FROM transactions CROSS JOIN horizon"
    ).to_pylist()[0]
    known: dict[str, Any] = engine.arrow(
        "SELECT count(*) AS known, count(DISTINCT customer_id) AS ids, count(join_day) AS join_date, count(city_name) AS city, "
        "count(gender_name) AS gender FROM customers"
    ).to_pylist()[0]
    return sold | known


def _has(decisions: Decisions, facts: dict[str, Any]) -> frozenset[str]:
    has = {name for name in ("join_date", "city", "gender", "branch", "merchant") if facts[name]}
    if decisions.mode == "money":
        has.add("amount")
    if decisions.values["has_coupon_words"] or decisions.values["burned_by_date"]:
        has.add("coupons")
    return frozenset(has)


def _known(engine: Engine, tables: Tables) -> dict[str, int]:
    names = (("merchant", "merchants"), ("branch", "branches"), ("city", "cities"), ("gender", "genders"))
    return {
        name: int(engine.arrow(f"SELECT count(*) AS n FROM kept_{table}")["n"][0].as_py())
        for name, table in names
        if table in tables.columns
    }


def _horizon_notes(horizon: evidence.Horizon, settings: SourceSettings, hits: Sequence[Hit]) -> Sequence[Note]:
    notes = []
    if settings.as_of is None:
        what = Told("The as-of date is {day}, the day after the latest event.", day=horizon.as_of)
        notes.append(Note("assumption", "source.as_of", what, fix=f'source.as_of = "{horizon.as_of}"'))
    far = _rows_hit(hits, "implausible-date")
    if far:
        what = Told(
            "Dates more than a year after all other events (later than {day}) were not believed.",
            day=horizon.last_plausible,
        )
        notes.append(Note("assumption", "source.as_of", what, far, 'source.as_of = "YYYY-MM-DD"'))
    return notes


def _mode_notes(decisions: Decisions, facts: dict[str, Any]) -> Sequence[Note]:
    if decisions.mode == "money":
        return ()
    what = Told("There is no amount: M counts burned coupons.")
    if not facts["burned"]:
        what = Told("There is no amount and no burned coupon: M is zero for everybody.")
    return (Note("assumption", "amount", what, fix='source.columns.amount = "…"'),)


def _check_kept(tables: Tables, tallies: Sequence[Tally], hits: Sequence[Hit], findings: pd.DataFrame) -> None:
    """At least one row of transactions must count; else one problem for each reason, with the first row that it hit."""
    if tallies[0].kept:
        return
    file, sheet = tables.places["transactions"]
    place = f"{file}, {tables.part} {sheet}" if sheet else file
    files = tables.parts.get("transactions", (file,))
    problems = [Problem(place, "transactions has no rows that can be used.", "Mend the rows below, or the settings.")]
    for hit in sorted(hits, key=lambda hit: hit.reason):
        if hit.table == "transactions":
            mine = (findings["reason"] == hit.reason) & (findings["sheet"] == sheet) & findings["file"].isin(files)
            first = findings[mine].iloc[0]
            cell = f" (“{first['value']}”)" if first["value"] else ""
            what = f"{rows_told(hit.rows)}: {REASONS[hit.reason].sentence}"
            problems.append(Problem(f"{place}, column {first['column']}", what, f"First: row {first['row']}{cell}."))
    raise InputError(problems)


def _nothing_sold(tables: Tables) -> InputError:
    """Refunds alone: nobody has bought anything."""
    what = "there is no sale: every row is a refund (a negative amount, or a status that the settings call so)."
    fix = "Check the sign of the amounts, or name the column that holds the sales: source.columns.amount."
    return InputError(Problem(place_of(tables, "transactions", "amount"), what, fix))
