"""Numbers as people read them, and sentences that remember the numbers they carry.

`say` is the only way to make a sentence: its template holds no digit, every number comes in as a `Number`. So each number in
the report's words is known with its exact value, and ``facts.json`` can list it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from string import Formatter

from babel.core import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from reporter.document.blocks import Number, Said

SHARES = ("share", "monetary_share", "transactions_share", "burn_rate", "rate")
"""Columns of frames that hold shares 0..1."""


@dataclass(frozen=True, slots=True)
class Words:
    """How numbers are written in one report: locale, currency and what M means.

    Attributes
    ----------
    locale : str
        Babel locale name, e.g. ``en``.
    currency : str or None
        ISO 4217 code; None: money without a currency.
    mode : {"money", "coupon"}
        In coupon mode `value` writes burned coupons, not money.
    """

    locale: str
    currency: str | None
    mode: str

    @property
    def value_noun(self) -> str:
        """What M is called in a sentence: revenue, or burned coupons."""
        return "revenue" if self.mode == "money" else "burned coupons"

    def count(self, value: float, name: str = "count") -> Number:
        """A whole number with grouping: 12,480."""
        whole = int(value)
        return Number(name, whole, format_decimal(whole, locale=self.locale))

    def number(self, value: float, name: str = "number", digits: int = 2) -> Number:
        """A decimal number with a fixed number of digits: 0.34."""
        rounded = round(float(value), digits) + 0.0
        text = format_decimal(rounded, format="#,##0." + "0" * digits if digits else "#,##0", locale=self.locale)
        return Number(name, float(value), _minus(text))

    def share(self, value: float, name: str = "share", digits: int | None = None) -> Number:
        """A share 0..1 as per cent: 41%, below ten per cent with one digit (8.4%); never 0% or 100% for what is not."""
        if digits is None:
            digits = 1 if abs(value) < 0.0995 and value != 0 else 0
        text = format_decimal(
            round(value * 100, digits), format="#,##0." + "0" * digits if digits else "#,##0", locale=self.locale
        )
        smallest = 10.0**-digits
        if 0 < value * 100 < smallest / 2:
            text = "<" + format_decimal(smallest, locale=self.locale)
        elif digits == 0 and 99.5 <= value * 100 < 100:
            text = format_decimal(math.floor(value * 1000) / 10, format="#,##0.0", locale=self.locale)
        return Number(name, float(value), _minus(text) + "%")

    def change(self, now: float, before: float, name: str = "change") -> Number:
        """A relative change with its sign: +8.4%, −2.1%."""
        relative = now / before - 1
        digits = 1 if abs(relative) < 0.0995 else 0
        text = format_decimal(
            abs(round(relative * 100, digits)),
            format="#,##0." + "0" * digits if digits else "#,##0",
            locale=self.locale,
        )
        return Number(name, relative, sign(relative) + text + "%")

    def points(self, now: float, before: float, name: str = "points") -> Number:
        """A difference of two shares in percentage points with its sign: +1.2 pts."""
        difference = (now - before) * 100
        text = format_decimal(abs(round(difference, 1)), format="#,##0.0", locale=self.locale)
        return Number(name, difference, f"{sign(round(difference, 1))}{text} pts")

    def days(self, value: float, name: str = "days") -> Number:
        """Whole days with their unit: 1 day, 143 days; half a day counts up."""
        text = format_decimal(math.floor(value + 0.5), locale=self.locale)
        return Number(name, float(value), f"{text} {'day' if text == '1' else 'days'}")

    def things(self, value: float, thing: str, name: str = "") -> Number:
        """A count with its noun in the right number: 1 customer, 12 customers, 2 cities."""
        return self._with_unit(value, name or thing, thing)

    def _with_unit(self, value: float, name: str, noun: str) -> Number:
        whole = abs(value - round(value)) < 1e-9
        text = format_decimal(round(value) if whole else round(value, 1), locale=self.locale)
        return Number(
            name, float(value) if not whole else round(value), f"{text} {noun if text == '1' else plural(noun)}"
        )

    def times(self, value: float, name: str = "times") -> Number:
        """A ratio: 2.1 times, 0.4 times."""
        digits = 1 if value < 9.95 else 0
        pattern = "#,##0.0" if digits else "#,##0"
        return Number(
            name, float(value), format_decimal(round(value, digits), format=pattern, locale=self.locale) + " times"
        )

    def money(self, value: float, name: str = "money", digits: int | None = None) -> Number:
        """An amount: full to the unit below 100,000, above compact (EGP 3.57 m). Cents only when `digits` asks for them."""
        scaled, suffix = _compact(value) if digits is None else (value, "")
        if digits is None:
            digits = 0 if not suffix and abs(value) >= 100 else 2
        pattern = "#,##0." + "0" * digits if digits else "#,##0"
        text = _minus(format_decimal(round(scaled, digits) + 0.0, format=pattern, locale=self.locale)) + suffix
        if self.currency:
            text = _with_currency(text, self.currency, self.locale)
        return Number(name, float(value), text)

    def value(self, value: float, name: str = "value") -> Number:
        """What M measures: money, or burned coupons in coupon mode."""
        return self.money(value, name) if self.mode == "money" else self.things(value, "burned coupon", name)

    def value_bare(self, value: float, name: str = "value") -> Number:
        """As `value`, but in coupon mode without the noun, for tables and tiles whose label says it."""
        if self.mode == "money":
            return self.money(value, name)
        whole = abs(value - round(value)) < 1e-9
        return self.count(value, name) if whole else self.number(value, name, digits=1)

    def day(self, value: date, name: str = "day") -> Number:
        """A date: 14 July 2024."""
        return Number(name, value.isoformat(), format_date(value, "d MMMM yyyy", locale=self.locale))

    def month(self, value: date, name: str = "month") -> Number:
        """A month: July 2024."""
        return Number(name, value.isoformat()[:7], format_date(value, "MMMM yyyy", locale=self.locale))

    def p_value(self, value: float, name: str = "p") -> Number:
        """A p value with its letter: p = 0.04, p < 0.001."""
        if value < 0.001:
            return Number(name, float(value), f"p < {format_decimal(0.001, locale=self.locale)}")
        text = "p = " + format_decimal(round(value, 3 if value < 0.01 else 2), locale=self.locale)
        return Number(name, float(value), text)


def say(template: str, **values: Number | Said | str) -> Said:
    """Fill a sentence.

    Parameters
    ----------
    template : str
        Text with named fields and no digits; ``{n}``.
    values : Number, Said or str
        One for each field. A `Said` brings its own numbers along; a `str` is a name from the data or a word.

    Returns
    -------
    Said
        The text and all numbers in it, in reading order.

    Raises
    ------
    ValueError
        When the template holds a digit, or fields and values do not match.
    """
    parts: list[str] = []
    numbers: list[Number] = []
    used: set[str] = set()
    for literal, field, _, _ in Formatter().parse(template):
        if any(character.isdigit() for character in literal):
            raise ValueError(f"a number must come in as a value: {template!r}")
        parts.append(literal)
        if field is None:
            continue
        used.add(field)
        value = values[field]
        if isinstance(value, Said):
            numbers.extend(value.numbers)
        elif isinstance(value, Number):
            numbers.append(value)
        parts.append(value.text if isinstance(value, (Number, Said)) else str(value))
    if used != values.keys():
        raise ValueError(f"values without a field: {sorted(values.keys() - used)}")
    return Said("".join(parts), tuple(numbers))


def join(phrases: list[Said] | tuple[Said, ...], last: str = "and") -> Said:
    """A, B and C: an enumeration as one phrase."""
    numbers = tuple(number for phrase in phrases for number in phrase.numbers)
    texts = [phrase.text for phrase in phrases]
    if len(texts) < 2:
        return Said("".join(texts), numbers)
    return Said(", ".join(texts[:-1]) + f" {last} " + texts[-1], numbers)


def paragraph(*sentences: Said) -> Said:
    """Sentences one after the other; silent ones leave no gap."""
    spoken = [sentence for sentence in sentences if sentence]
    return Said(" ".join(s.text for s in spoken), tuple(number for s in spoken for number in s.numbers))


def brief(name: str, longest: int = 28) -> str:
    """A name from the data, cut so that a title with two of them stays within its lines."""
    return name if len(name) <= longest else name[: longest - 1].rstrip() + "…"


def verb(count: float, one: str, many: str) -> str:
    """The form of a verb that agrees with a count: 1 is, 2 are, 0 are."""
    return one if count == 1 else many


def plural(noun: str) -> str:
    """The plural of the last word of an English noun phrase: city, cities; branch, branches; day, days."""
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    return noun + "s"


def sign(value: float) -> str:
    """The sign of a difference, with a true minus; none for zero."""
    return "+" if value > 0 else "−" if value < 0 else ""


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _compact(value: float) -> tuple[float, str]:
    for limit, suffix in ((1e9, " bn"), (1e6, " m"), (1e5, " k")):
        if abs(value) >= limit:
            return value / (1e3 if suffix == " k" else limit), suffix
    return value, ""


def _with_currency(text: str, currency: str, locale: str) -> str:
    return f"{currency} {text}" if Locale.parse(locale).text_direction == "ltr" else f"{text} {currency}"
