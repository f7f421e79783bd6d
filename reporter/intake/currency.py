"""Which currencies the amounts carry. Money of several currencies is never added up: refused, or all but one rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reporter.engine import ROW_BITS, Engine
from reporter.errors import InputError, Problem, rows_told
from reporter.intake.settings import SourceSettings
from reporter.intake.typed import is_there

SIGNS: Mapping[str, tuple[str, ...]] = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP"),
    "US$": ("USD",), "C$": ("CAD",), "A$": ("AUD",), "NZ$": ("NZD",), "HK$": ("HKD",), "S$": ("SGD",), "R$": ("BRL",),
    "€": ("EUR",), "£": ("GBP", "EGP", "LBP"), "¥": ("JPY", "CNY"), "￥": ("JPY", "CNY"), "₹": ("INR",), "₺": ("TRY",),
    "₽": ("RUB",), "₴": ("UAH",), "₪": ("ILS",), "₩": ("KRW",), "₫": ("VND",), "฿": ("THB",), "₦": ("NGN",), "₱": ("PHP",),
    "KR": ("SEK", "NOK", "DKK", "ISK"), "RS": ("INR", "PKR", "LKR"), "LE": ("EGP",), "ZŁ": ("PLN",), "KČ": ("CZK",),
    "EURO": ("EUR",), "EUROS": ("EUR",),
}  # fmt: skip
"""A sign, without points and in capitals, to the currencies that write it, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Carried:
    """One sign or code as the cells carry it, how often, and where first."""

    sign: str
    rows: int
    first_row: int
    cell: str


def foreign_signs(engine: Engine, column: str, place: str, settings: SourceSettings) -> tuple[str, ...]:
    """The signs whose rows are to be rejected, because the settings keep one currency of several.

    Parameters
    ----------
    engine : Engine
        With ``raw_transactions``.
    column : str
        ``amount`` or ``unit_price``.
    place : str
        File, sheet and column, for messages.
    settings : SourceSettings

    Raises
    ------
    InputError
        Where amounts carry several currencies, or another than the settings say.
    """
    carried = _carried(engine, column)
    wanted = settings.keep_currency or settings.currency
    names = _names(carried, wanted)
    by_currency: dict[str, list[Carried]] = {}
    for each in carried:
        by_currency.setdefault(names[each.sign], []).append(each)
    if settings.keep_currency:
        others = tuple(each.sign for each in carried if names[each.sign] != settings.keep_currency)
        if len(by_currency) > 0 and settings.keep_currency not in by_currency and not _unsigned(engine, column):
            what = f"No amount carries {settings.keep_currency}: {_told(by_currency)}."
            raise InputError(Problem(place, what, "Name one of these: source.keep_currency."))
        return others
    if len(by_currency) > 1:
        raise InputError(_several(place, by_currency))
    if wanted and by_currency and wanted not in by_currency:
        (other,) = by_currency
        what = f"The settings say that amounts are {wanted}, but they carry another currency: {_told(by_currency)}."
        raise InputError(Problem(place, what, f'Say source.currency = "{other}", or mend the column.'))
    return ()


def _carried(engine: Engine, column: str) -> list[Carried]:
    rows = engine.arrow(
        f"""
        SELECT sign, count(*) AS n, min(row_no) AS first_row, min_by(cell, row_no) AS cell
        FROM (
            SELECT coalesce(said_currency({column}), capitals(currency)) AS sign, row_no,
                concat_ws(
                    ' ', coalesce({column}, CAST({column}_typed AS STRING)), CASE WHEN said_currency({column}) IS NULL THEN currency END
                ) AS cell
            FROM raw_transactions
            WHERE {column}_typed IS NOT NULL AND currency IS NOT NULL OR {column} IS NOT NULL AND amount_shape({column}) IS NOT NULL
        ) AS signed
        WHERE sign IS NOT NULL
        GROUP BY sign ORDER BY n DESC, sign
        """
    ).to_pylist()
    return [Carried(row["sign"], int(row["n"]), int(row["first_row"]), row["cell"]) for row in rows]


def _unsigned(engine: Engine, column: str) -> bool:
    sql = f"SELECT count(*) AS n FROM raw_transactions WHERE {is_there(column)} AND currency IS NULL AND said_currency({column}) IS NULL"
    return bool(engine.arrow(sql)["n"][0].as_py())


def _names(carried: list[Carried], wanted: str | None) -> dict[str, str]:
    """Sign to currency: a sign of many countries stands for the one of them that is named otherwise, else for the likeliest."""
    meant = {each.sign: SIGNS.get(each.sign.replace(".", ""), (each.sign,)) for each in carried}
    named = {currencies[0] for currencies in meant.values() if len(currencies) == 1} | ({wanted} if wanted else set())
    names = {}
    for sign, currencies in meant.items():
        fitting = [currency for currency in currencies if currency in named]
        names[sign] = fitting[0] if len(fitting) == 1 else currencies[0]
    return names


def _several(place: str, by_currency: Mapping[str, list[Carried]]) -> Problem:
    first = next(iter(by_currency))
    what = f"Amounts are in {len(by_currency)} currencies, which cannot be added up: {_told(by_currency)}."
    fix = (
        "Give one file for each currency, or keep the rows of one of them and reject the others: "
        f'source.keep_currency = "{first}"'
    )
    return Problem(place, what, fix)


def _told(by_currency: Mapping[str, list[Carried]]) -> str:
    told = []
    for currency, carried in by_currency.items():
        first = min(carried, key=lambda each: each.first_row)
        told.append(
            f"{currency} ({rows_told(sum(each.rows for each in carried))}, first row {first.first_row & ROW_BITS}: “{first.cell}”)"
        )
    return ", ".join(told)
