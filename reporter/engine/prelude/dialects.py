"""What differs between the engines: how a function is made, how a text is quoted, and four phrases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

TEXT, TRUTH, DAY, MOMENT, WHOLE, FLOAT = "STRING", "BOOLEAN", "DATE", "TIMESTAMP", "BIGINT", "DOUBLE"
CENTS, FINE = "DECIMAL(18, 2)", "DECIMAL(18, 4)"
EXACT = "DECIMAL(38, 20)"
"""What a float's shortest decimal form fits into before it is rounded once."""
WHOLE_START, WHOLE_END = r"\A(?:", r")\z"


@dataclass(frozen=True, slots=True)
class Function:
    """A session function: one expression over its parameters, which are texts unless said otherwise."""

    name: str
    parameters: tuple[str, ...]
    body: str
    returns: str = TEXT
    takes: str = TEXT


class Dialect(Protocol):
    """How one engine says it."""

    @property
    def stamp(self) -> str:
        """The type of a timestamp without a zone."""

    def define(self, function: Function) -> str:
        """The statement that makes the function, for this session only."""

    def text(self, content: str) -> str:
        """A literal."""

    def once(self, function: str, argument: str, *others: str) -> str:
        """A call whose first argument is computed once, however often the function mentions it."""

    def groups(self, text: str, pattern: str, count: int) -> str:
        """The text with its first match replaced by what the groups of the pattern caught, one after the other."""

    def without(self, text: str, pattern: str) -> str:
        """The text without any match."""

    def moment(self, day: str, clock: str) -> str:
        """Timestamp of a day and an ``HH:MM[:SS[.ffffff]]``."""

    def basics(self) -> tuple[Function, ...]:
        """Functions that no two engines write alike: ``fits, days_between, hash_of, float_text, money_of, price_of``."""


@dataclass(frozen=True, slots=True)
class Duck:
    """DuckDB: macros, which are put in place of their call."""

    stamp: str = "TIMESTAMP"

    def define(self, function: Function) -> str:
        """As `Dialect`."""
        return f"CREATE TEMP MACRO {function.name}({', '.join(function.parameters)}) AS {function.body}"

    def text(self, content: str) -> str:
        """As `Dialect`."""
        return "'" + content.replace("'", "''") + "'"

    def once(self, function: str, argument: str, *others: str) -> str:
        """As `Dialect`: a list of one gives the argument a name, which is of this function alone, for calls are put into calls."""
        name = f"given_to_{function}"
        return f"list_transform([{argument}], lambda {name}: {function}({', '.join((name, *others))}))[1]"

    def groups(self, text: str, pattern: str, count: int) -> str:
        """As `Dialect`."""
        caught = "".join(rf"\{number}" for number in range(1, count + 1))
        return f"regexp_replace({text}, {self.text(pattern)}, '{caught}')"

    def without(self, text: str, pattern: str) -> str:
        """As `Dialect`."""
        return f"regexp_replace({text}, {self.text(pattern)}, '', 'g')"

    def moment(self, day: str, clock: str) -> str:
        """As `Dialect`."""
        return f"{day} + coalesce(try_cast({clock} AS TIME), TIME '00:00:00')"

    def basics(self) -> tuple[Function, ...]:
        """As `Dialect`."""
        return (
            Function("fits", ("t", "p"), "regexp_full_match(t, p)"),
            Function("days_between", ("a", "b"), "date_diff('day', a, b)"),
            Function("hash_of", ("t",), "hash(t)"),
            Function(
                "float_text",
                ("x",),
                "CASE WHEN isnan(x) THEN NULL "
                "WHEN abs(x) >= 1e15 AND isinf(x) THEN CAST(x AS VARCHAR) "
                f"WHEN abs(x) >= 1e15 OR abs(x) < 1e-4 AND x <> 0 THEN {_shortened('CAST(CAST(x AS DOUBLE) AS VARCHAR)')} "
                "WHEN x = floor(x) THEN CAST(try_cast(x AS BIGINT) AS VARCHAR) ELSE CAST(x AS VARCHAR) END",
            ),
            *(
                _rounded(name, unit, kind)
                for name, unit, kind in (("money_of", 100, CENTS), ("price_of", 10_000, FINE))
            ),
        )


@dataclass(frozen=True, slots=True)
class Spark:
    """Spark SQL 4: functions, whose arguments become columns; ``try_`` forms only, for a branch that is not taken is computed all the same."""

    stamp: str = "TIMESTAMP_NTZ"

    def define(self, function: Function) -> str:
        """As `Dialect`; every type is a Spark type, and a timestamp has no zone."""
        parameters = ", ".join(f"{name} {function.takes}" for name in function.parameters)
        returns = self.stamp if function.returns == MOMENT else function.returns
        return f"CREATE TEMPORARY FUNCTION {function.name}({parameters}) RETURNS {returns} RETURN {function.body}"

    def text(self, content: str) -> str:
        """As `Dialect`: a backslash escapes."""
        return "'" + content.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def once(self, function: str, argument: str, *others: str) -> str:
        """As `Dialect`: arguments always are."""
        return f"{function}({', '.join((argument, *others))})"

    def groups(self, text: str, pattern: str, count: int) -> str:
        """As `Dialect`; all our patterns are anchored, so there is one match at most."""
        caught = "".join(f"${number}" for number in range(1, count + 1))
        return f"regexp_replace({text}, {self.text(pattern)}, '{caught}')"

    def without(self, text: str, pattern: str) -> str:
        """As `Dialect`."""
        return f"regexp_replace({text}, {self.text(pattern)}, '')"

    def moment(self, day: str, clock: str) -> str:
        """As `Dialect`."""
        return f"try_cast(CAST({day} AS STRING) || ' ' || coalesce(nullif({clock}, ''), '00:00:00') AS {self.stamp})"

    def basics(self) -> tuple[Function, ...]:
        """As `Dialect`."""
        mantissa, exponent = (f"split_part(CAST(x AS STRING), 'E', {place})" for place in (1, 2))
        sign = f"CASE WHEN {exponent} LIKE '-%' THEN 'e-' ELSE 'e+' END || CASE WHEN abs(try_cast({exponent} AS INTEGER)) < 10 THEN '0' ELSE '' END"
        in_fifteen = (
            f"{_in_fifteen(mantissa, 'STRING')} || {sign} || CAST(abs(try_cast({exponent} AS INTEGER)) AS STRING)"
        )
        whole = f"concat({self.text(WHOLE_START)}, p, {self.text(WHOLE_END)})"
        return (
            Function("fits", ("t", "p"), f"t RLIKE {whole}", TRUTH),
            Function("days_between", ("a", "b"), "CAST(datediff(b, a) AS BIGINT)", WHOLE, DAY),
            Function("hash_of", ("t",), "xxhash64(t)", WHOLE),
            Function(
                "float_text",
                ("x",),
                "CASE WHEN isnan(x) THEN NULL WHEN abs(x) = DOUBLE('inf') THEN CASE WHEN x > 0 THEN 'inf' ELSE '-inf' END "
                f"WHEN abs(x) >= 1e15 OR abs(x) < 1e-4 AND x <> 0 THEN {in_fifteen} "
                "WHEN x = floor(x) THEN CAST(try_cast(x AS BIGINT) AS STRING) "
                "ELSE trim(TRAILING '0' FROM CAST(try_cast(CAST(x AS STRING) AS DECIMAL(38, 20)) AS STRING)) END",
                TEXT,
                FLOAT,
            ),
            *(
                Function(name, ("x",), f"try_cast(try_cast(CAST(x AS STRING) AS {EXACT}) AS {kind})", kind, FLOAT)
                for name, kind in (("money_of", CENTS), ("price_of", FINE))
            ),
        )


def _shortened(text: str) -> str:
    """The shortest form of a float in fifteen digits with an exponent."""
    pointed = f"regexp_replace({text}, '^(-?[0-9])([0-9]+)[.]([0-9]+)$', '\\1.\\2\\3e+15')"
    mantissa = _in_fifteen(f"split_part({pointed}, 'e', 1)", "VARCHAR")
    return f"{mantissa} || 'e' || split_part({pointed}, 'e', 2)"


def _in_fifteen(mantissa: str, kind: str) -> str:
    """A text of one digit before the point in fourteen after it, half a digit up: what printing a float does with the half, no two engines do alike."""
    return f"CAST(try_cast(try_cast({mantissa} AS {EXACT}) AS DECIMAL(38, 14)) AS {kind})"


def _rounded(name: str, unit: int, kind: str) -> Function:
    """A float is rounded by arithmetic, but where it lies near the middle of two results its decimal form decides: 2.675 is 2.68."""
    return Function(
        name,
        ("x",),
        f"CASE WHEN isnan(x) THEN NULL WHEN abs(x * {unit}) < 1e12 AND abs(x * {unit} - round(x * {unit})) < 0.499 THEN try_cast(x AS {kind}) "
        f"ELSE try_cast(try_cast(CAST(x AS VARCHAR) AS {EXACT}) AS {kind}) END",
    )
