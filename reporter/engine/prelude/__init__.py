r"""The session functions that hide the dialects: the same names and meanings in every engine.

==========================  =====================================================================================
``fits(t, p)``              whether the whole text fits the regular expression
``date_shape(t)``           how a date is written: ``iso, ymd, compact, numeric, dotted, named, serial``; null: no date
``parse_ts(t, o)``          timestamp or null; `o` (``dmy, mdy, ymd``) settles numeric dates; a zone is dropped: the day as written
``parse_date(t, o)``        the day of ``parse_ts``
``amount_shape(t)``         which decimal sign a number proves: ``plain, dot, comma, dot3, comma3`` (the last two read both ways);
                            null: no number
``said_currency(t)``        the currency sign or code in an amount, in capitals, or null
``parse_number(t, s)``      DECIMAL(38,6) or null; `s` (``.`` or ``,``) settles ``dot3`` and ``comma3``
``parse_amount(t, s)``      DECIMAL(18,2), half up, or null
``days_between(a, b)``      whole days from a to b
``says_total(t)``           whether a text announces a summary line, such as "Grand total"
``is_rounded(t)``           whether a text is a number with an exponent, whose last digits a spreadsheet has lost
``printable(t)``            without control characters and marks that turn the direction of writing
``tidy(t)``                 without white space before and after; null where nothing is left
``float_text(x)``           a float as people write it: whole numbers without a point, from 10^15 on and under 10^-4 with an exponent (Java before 19 may differ in the fifteenth digit); null for NaN
``money_of(x)``             a float as DECIMAL(18,2), rounded as its shortest decimal form would be; null where it does not fit
``price_of(x)``             the same as DECIMAL(18,4)
``hash_of(t)``              a whole number of 64 bits that equal texts share (and others may)
``small_letters(t)``        each Latin, Greek, Cyrillic and Armenian letter in its small form, where that is one letter
``capitals(t)``             the same with capitals: ``ß`` stays as it is
==========================  =====================================================================================

Every parser checks the shape of the text first and casts once; what is lenient is decided here, not by the engine. A null costs nothing. The functions are written
once (``functions``), over patterns that all engines read alike (``patterns``); what the engines say differently is in ``dialects``.
"""

from __future__ import annotations

from reporter.engine.prelude.dialects import Dialect, Duck, Spark
from reporter.engine.prelude.functions import functions


def duck_prelude() -> tuple[str, ...]:
    """All statements that a DuckDB connection runs before the first step, in order."""
    return _statements(Duck())


def spark_prelude() -> tuple[tuple[str, str], ...]:
    """Name and statement of all functions that a Spark session gets before the first step, in order."""
    dialect = Spark()
    return tuple((function.name, dialect.define(function)) for function in functions(dialect))


def _statements(dialect: Dialect) -> tuple[str, ...]:
    return tuple(map(dialect.define, functions(dialect)))
