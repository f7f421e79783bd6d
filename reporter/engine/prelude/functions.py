"""The functions themselves, written once for all engines: the shape of a text is checked first, then it is cut and cast."""

from __future__ import annotations

from reporter.engine.prelude import patterns as p
from reporter.engine.prelude.dialects import DAY, MOMENT, TRUTH, Dialect, Function

NUMBER, AMOUNT = "DECIMAL(38, 6)", "DECIMAL(18, 2)"


def functions(dialect: Dialect) -> tuple[Function, ...]:
    """All functions of the prelude in the order in which they build on each other."""
    q = dialect.text
    return (
        *dialect.basics(),
        Function("says_total", ("t",), f"coalesce(fits(t, {q(p.TOTALS)}), FALSE)", TRUTH),
        Function(
            "is_rounded",
            ("t",),
            f"CASE WHEN t LIKE '%+%' THEN fits(t, {q('[0-9]([.][0-9]+)?[eE][+][0-9]+')}) ELSE FALSE END",
            TRUTH,
        ),
        Function("printable", ("t",), f"trim(BOTH {q(p.BLANKS)} FROM {dialect.without('t', p.UNPRINTABLE)})"),
        Function("tidy", ("t",), f"nullif(trim(BOTH {q(p.WHITE)} FROM t), '')"),
        _letters(dialect, "small_letters", "lower", p.CAPITALS, p.SMALL_LETTERS),
        _letters(dialect, "capitals", "upper", p.SMALL_LETTERS, p.CAPITALS),
        *_shapes_of_days(dialect),
        *_days(dialect),
        *_moments(dialect),
        *_readings(dialect),
        *_numbers(dialect),
    )


def _letters(dialect: Dialect, name: str, builtin: str, before: str, after: str) -> Function:
    """Letter for letter from a table of our own: what engines take for a capital depends on the age of their Unicode."""
    translated = f"translate(t, {dialect.text(before)}, {dialect.text(after)})"
    return Function(name, ("t",), f"CASE WHEN fits(t, '[ -~]*') THEN {builtin}(t) ELSE {translated} END")


def _shapes_of_days(dialect: Dialect) -> tuple[Function, ...]:
    q, cut = dialect.text, dialect.without
    bare = cut(cut("t", p.WEEKDAY), p.TIME + p.END)
    day = f"length(t) <= 10 AND t NOT LIKE {q('% %')} THEN t WHEN length(t) <= {p.LONGEST} THEN {bare}"
    shapes = " ".join(f"WHEN fits(d, {q(pattern)}) THEN '{shape}'" for shape, pattern in p.SHAPES_OF_DAY)
    return (
        Function("date_part_of", ("t",), f"CASE WHEN {day} END"),
        Function("shape_of_day", ("d",), f"CASE {shapes} END"),
        Function(
            "date_shape",
            ("t",),
            f"CASE WHEN fits(t, {q(p.ISO_MOMENT)}) THEN 'iso' WHEN fits(t, {q(p.SLASHED_MOMENT)}) THEN 'numeric' "
            f"ELSE {dialect.once('shape_of_day', 'date_part_of(t)')} END",
        ),
    )


def _days(dialect: Dialect) -> tuple[Function, ...]:
    q = dialect.text
    months = " ".join(f"WHEN '{name}' THEN '{number}'" for number, name in enumerate(p.MONTHS, 1))
    named = (q(p.MONTH_START), q("([0-9]+)" + p.END), q("[0-9]{1,2}"))
    ordered = dialect.once("ordered_day", "translate(d, './', '--')", "o")
    return (
        Function(
            "full_year",
            ("y",),
            "CASE length(y) WHEN 4 THEN CASE WHEN y <> '0000' THEN '' END WHEN 2 THEN CASE WHEN y < '70' THEN '20' ELSE '19' END END || y",
        ),
        Function(
            "day_of",
            ("y", "m", "d"),
            "try_cast(full_year(y) || '-' || lpad(m, 2, '0') || '-' || lpad(d, 2, '0') AS DATE)",
            DAY,
        ),
        Function(
            "ordered_day",
            ("d", "o"),
            "day_of(split_part(d, '-', CASE WHEN o = 'ymd' THEN 1 ELSE 3 END), "
            "split_part(d, '-', CASE WHEN o = 'mdy' THEN 1 ELSE 2 END), "
            "split_part(d, '-', CASE o WHEN 'mdy' THEN 2 WHEN 'ymd' THEN 3 ELSE 1 END))",
            DAY,
        ),
        Function("day_of_parts", ("o", "d"), ordered, DAY),
        Function("month_number", ("d",), f"CASE lower(regexp_extract(d, {named[0]}, 0)) {months} END"),
        Function(
            "named_day",
            ("d",),
            f"day_of(regexp_extract(d, {named[1]}, 1), month_number(d), regexp_extract(d, {named[2]}, 0))",
            DAY,
        ),
        Function("serial_day", ("d",), "DATE '1899-12-30' + try_cast(substr(d, 1, 5) AS INTEGER)", DAY),
        Function("ends_with_year", ("d",), f"fits(d, {q(p.REST + '[0-9]{4}')})", TRUTH),
        *_days_by_shape(dialect),
    )


def _days_by_shape(dialect: Dialect) -> tuple[Function, ...]:
    order = (
        "CASE s WHEN 'dotted' THEN CASE WHEN o = 'ymd' AND NOT ends_with_year(d) THEN 'ymd' ELSE 'dmy' END "
        "WHEN 'numeric' THEN CASE WHEN o = 'ymd' AND ends_with_year(d) THEN 'dmy' ELSE o END ELSE 'ymd' END"
    )
    by_shape = (
        f"CASE WHEN s IN ('iso', 'ymd', 'dotted', 'numeric') THEN {dialect.once('day_of_parts', order, 'd')} "
        "WHEN s = 'compact' THEN day_of(substr(d, 1, 4), substr(d, 5, 2), substr(d, 7, 2)) "
        "WHEN s = 'named' THEN named_day(d) WHEN s = 'serial' THEN serial_day(d) END"
    )
    return (
        Function("shaped_day", ("s", "d", "o"), by_shape, DAY),
        Function("parse_day", ("d", "o"), dialect.once("shaped_day", "shape_of_day(d)", "d", "o"), DAY),
    )


def _moments(dialect: Dialect) -> tuple[Function, ...]:
    """The two commonest ways to write a date are cut out by place: a tenth of the time. A year 0 is none."""
    q = dialect.text
    odd_day = dialect.once("parse_day", "date_part_of(t)", "o")
    clock = f"CASE WHEN length(t) > 10 THEN regexp_extract(t, {q(p.CLOCK)}, 1) END"
    return (
        Function("is_iso", ("t",), f"fits(t, {q(p.ISO_MOMENT)}) AND t >= '0001'", TRUTH),
        Function(
            "is_slashed",
            ("t", "o"),
            f"o <> 'ymd' AND fits(t, {q(p.SLASHED_MOMENT)}) AND substr(t, 7, 4) > '0000'",
            TRUTH,
        ),
        Function(
            "unslashed",
            ("t", "o"),
            "substr(t, 7, 4) || '-' || CASE o WHEN 'mdy' THEN substr(t, 1, 2) || '-' || "
            "substr(t, 4, 2) ELSE substr(t, 4, 2) || '-' || substr(t, 1, 2) END || substr(t, 11)",
        ),
        Function(
            "parse_date",
            ("t", "o"),
            "CASE WHEN t IS NULL THEN NULL WHEN is_iso(t) THEN try_cast(substr(t, 1, 10) AS DATE) "
            f"WHEN is_slashed(t, o) THEN try_cast(substr(unslashed(t, o), 1, 10) AS DATE) ELSE {odd_day} END",
            DAY,
        ),
        Function("clock_of", ("t",), clock),
        Function(
            "parse_ts",
            ("t", "o"),
            f"CASE WHEN t IS NULL THEN NULL WHEN is_iso(t) THEN try_cast(t AS {dialect.stamp}) "
            f"WHEN is_slashed(t, o) THEN try_cast(unslashed(t, o) AS {dialect.stamp}) "
            f"ELSE {dialect.moment(odd_day, 'clock_of(t)')} END",
            MOMENT,
        ),
    )


def _readings(dialect: Dialect) -> tuple[Function, ...]:
    """How a number reads once its currency and its sign are off: ``(€ 1 234,50)`` -> ``(1 234,50)`` -> ``1 234,50``."""
    q = dialect.text
    tidy = f"trim(BOTH {q(p.BLANKS)} FROM translate(t, {q(p.ODD_SIGNS)}, {q(p.PLAIN_SIGNS)}))"
    first = dialect.groups("n", f"^([-+(]?) ?{p.CURRENCY} ?", 1)
    both = dialect.groups(first, f" ?{p.CURRENCY} ?([)-]?){p.END}", 1)
    inside = rf"^\(({p.REST})\){p.END}|^[-+] ?({p.REST}){p.END}|^([^\n]*?) ?-{p.END}"
    negative = rf"\({p.REST}\)|-{p.REST}|{p.REST}-"
    shapes = " ".join(f"WHEN fits(b, {q(pattern)}) THEN '{shape}'" for shape, pattern in p.SHAPES_OF_BODY)
    return (
        Function("tidy_number", ("t",), f"CASE WHEN length(t) <= {p.LONGEST} THEN {tidy} END"),
        Function("without_currency", ("n",), both),
        Function("without_sign", ("n",), dialect.groups("n", inside, 3)),
        Function(
            "sign_of",
            ("n",),
            f"CASE WHEN fits(n, {q(negative)}) THEN '-' ELSE '' END",
        ),
        Function("shape_of_body", ("b",), f"CASE {shapes} END"),
        Function(
            "with_point",
            ("b", "s"),
            "CASE shape_of_body(b) WHEN 'plain' THEN b WHEN 'dot' THEN replace(b, ',', '') "
            "WHEN 'comma' THEN replace(replace(b, '.', ''), ',', '.') "
            "WHEN 'dot3' THEN CASE s WHEN '.' THEN b WHEN ',' THEN replace(b, '.', '') END "
            "WHEN 'comma3' THEN CASE s WHEN ',' THEN replace(b, ',', '.') WHEN '.' THEN replace(b, ',', '') END END",
        ),
    )


def _numbers(dialect: Dialect) -> tuple[Function, ...]:
    q = dialect.text
    body = dialect.without(dialect.once("with_point", "without_sign(n)", "s"), "[ ']")
    shape = dialect.once("shape_of_body", "without_sign(without_currency(tidy_number(t)))")
    plain, english, continental = r"-?\d+", r"-?\d+\.(\d{1,2}|\d{4,})", r"-?\d+,(\d{1,2}|\d{4,})"
    return (
        Function("signed_number", ("n", "s"), f"sign_of(n) || {body}"),
        Function("odd_number", ("t", "s"), dialect.once("signed_number", "without_currency(tidy_number(t))", "s")),
        Function(
            "amount_shape",
            ("t",),
            f"CASE WHEN fits(t, {q(plain)}) THEN 'plain' WHEN fits(t, {q(english)}) THEN 'dot' ELSE {shape} END",
        ),
        Function(
            "said_currency",
            ("t",),
            f"CASE WHEN NOT fits(t, '[-0-9.,]+') THEN nullif(upper(regexp_extract(tidy_number(t), {q(p.CURRENCY)}, 0)), '') END",
        ),
        Function(
            "parse_number",
            ("t", "s"),
            f"CASE WHEN t IS NULL THEN NULL WHEN fits(t, {q(f'{plain}|{english}')}) THEN try_cast(t AS {NUMBER}) "
            f"WHEN fits(t, {q(continental)}) THEN try_cast(replace(t, ',', '.') AS {NUMBER}) "
            f"ELSE try_cast(odd_number(t, s) AS {NUMBER}) END",
            NUMBER,
        ),
        Function("parse_amount", ("t", "s"), f"try_cast(parse_number(t, s) AS {AMOUNT})", AMOUNT),
    )
