"""Numbers as people read them, and sentences that remember the numbers they carry.

`say` is the only way to make a sentence: its template holds no digit, every number comes in as a `Number`. So each number in
the report's words is known with its exact value, and ``facts.json`` can list it. A sentence also remembers its template and values:
`retell` tells it again in the language of the report.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from string import Formatter

from babel.core import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import NumberPattern, parse_pattern

from reporter.document.blocks import Cut, Listing, Number, Paragraph, Said, Sentence
from reporter.document.tongue import Tongue, tongue_of

SHARES = ("share", "monetary_share", "transactions_share", "burn_rate", "rate")
"""Columns of frames that hold shares 0..1."""
DOTS = "…"
PREFIXES = ("و",)
"""Conjunctions that are written together with the word that follows."""


class Word(str):
    """A word of ours inside a sentence ("rose", "is"), which is translated; any other `str` there is a name from the data, which never is."""

    __slots__ = ()


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
    has_lists : bool
        Whether files with rows of customers lie beside the report; not beside an edition for some readers.
    """

    locale: str
    currency: str | None
    mode: str
    has_lists: bool = True

    @property
    def tongue(self) -> Tongue:
        """The language of the locale."""
        return tongue_of(self.locale)

    @property
    def value_noun(self) -> Word:
        """What M is called in a sentence: revenue, or burned coupons."""
        return Word("revenue" if self.mode == "money" else "burned coupons")

    def label(self, template: str, **values: Number | Said | str) -> str:
        """A label in the language of the report, for axes, heads of columns and texts for those who cannot see a picture."""
        made = Sentence(template, tuple(values.items())) if values else None
        return retell(Said(template, made=made), self.tongue).text

    def count(self, value: float, name: str = "count") -> Number:
        """A whole number with grouping: 12,480."""
        whole = int(value)
        return Number(name, whole, decimal(whole, self.locale))

    def at_least(self, value: float, name: str = "at_least") -> Number:
        """A count that may be larger: ``200+``."""
        number = self.count(value, name)
        return replace(number, text=f"{number.text}+")

    def number(self, value: float, name: str = "number", digits: int = 2) -> Number:
        """A decimal number with a fixed number of digits: 0.34."""
        rounded = round(float(value), digits) + 0.0
        text = decimal(rounded, self.locale, digits)
        return Number(name, float(value), _minus(text))

    def share(self, value: float, name: str = "share", digits: int | None = None) -> Number:
        """A share 0..1 as per cent: 41%, below ten per cent with one digit (8.4%); never 0% or 100% for what is not."""
        if digits is None:
            digits = 1 if abs(value) < 0.0995 and value != 0 else 0
        text = decimal(round(value * 100, digits), self.locale, digits)
        smallest = 10.0**-digits
        if 0 < value * 100 < smallest / 2:
            text = "<" + decimal(smallest, self.locale)
        elif digits == 0 and 99.5 <= value * 100 < 100:
            text = decimal(math.floor(value * 1000) / 10, self.locale, 1)
        return Number(name, float(value), self._per_cent(_minus(text)))

    def change(self, now: float, before: float, name: str = "change") -> Number:
        """A relative change with its sign: +8.4%, −2.1%."""
        relative = now / before - 1
        digits = 1 if abs(relative) < 0.0995 else 0
        text = decimal(abs(round(relative * 100, digits)), self.locale, digits)
        return Number(name, relative, self._per_cent(sign(relative) + text))

    def points(self, now: float, before: float, name: str = "points") -> Number:
        """A difference of two shares in percentage points with its sign: +1.2 pts."""
        difference = (now - before) * 100
        text = decimal(abs(round(difference, 1)), self.locale, 1)
        return Number(name, difference, self.label("{n} pts", n=sign(round(difference, 1)) + text))

    def days(self, value: float, name: str = "days") -> Number:
        """Whole days with their unit: 1 day, 143 days; half a day counts up."""
        whole = math.floor(value + 0.5)
        return self._counted(Number(name, float(value), decimal(whole, self.locale)), whole, "day")

    def things(self, value: float, thing: str, name: str = "") -> Number:
        """A count with its noun in the right number: 1 customer, 12 customers, 2 cities."""
        return self._with_unit(value, name or thing, thing)

    def _with_unit(self, value: float, name: str, noun: str) -> Number:
        whole = abs(value - round(value)) < 1e-9
        text = decimal(round(value) if whole else round(value, 1), self.locale)
        exact = round(value) if whole else float(value)
        return self._counted(Number(name, exact, text), 1 if text == "1" else exact, noun)

    def _counted(self, number: Number, count: float, noun: str) -> Number:
        """A bare number with its noun, in every case of the language that has a form of its own."""
        first, *others = self.tongue.counted(noun, plural(noun), count)
        cases = tuple((case, f"{number.text} {form}") for case, form in others)
        return Number(number.name, number.value, f"{number.text} {first[1]}", cases)

    def _per_cent(self, text: str) -> str:
        before, after = self.tongue.per_cent
        return f"{before}{text}{after}"

    def times(self, value: float, name: str = "times") -> Number:
        """A ratio: 2.1 times, 0.4 times."""
        digits = 1 if value < 9.95 else 0
        text = decimal(round(value, digits), self.locale, digits)
        return Number(name, float(value), self.label("{n} times", n=text))

    def money(self, value: float, name: str = "money", digits: int | None = None) -> Number:
        """An amount: full to the unit below 100,000, above compact (EGP 3.57 m). Cents only when `digits` asks for them."""
        scaled, unit = _compact(value) if digits is None else (value, "{n}")
        if digits is None:
            digits = 0 if unit == "{n}" and abs(value) >= 100 else 2
        text = _minus(decimal(round(scaled, digits) + 0.0, self.locale, digits))
        return Number(name, float(value), self.priced(self.label(unit, n=text)))

    def priced(self, amount: str) -> str:
        """An amount with the currency on the side where the locale has it."""
        if not self.currency:
            return amount
        return f"{self.currency} {amount}" if self.tongue.currency_first else f"{amount} {self.currency}"

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
        form = "d MMMM yyyy" if self.tongue.language == "en" else "long"
        return Number(name, value.isoformat(), format_date(value, form, locale=self.locale))

    def month(self, value: date, name: str = "month") -> Number:
        """A month: July 2024."""
        if self.tongue.language == "en":
            text = format_date(value, "MMMM yyyy", locale=self.locale)
        else:
            text = format_skeleton("yMMMM", value, locale=self.locale)
        return Number(name, value.isoformat()[:7], text)

    def p_value(self, value: float, name: str = "p") -> Number:
        """A p value with its letter: p = 0.04, p < 0.001."""
        if value < 0.001:
            return Number(name, float(value), f"p < {decimal(0.001, self.locale)}")
        text = "p = " + decimal(round(value, 3 if value < 0.01 else 2), self.locale)
        return Number(name, float(value), text)


def decimal(value: float, locale: str, digits: int | None = None) -> str:
    """A number as a locale writes it, with so many digits after the point; where nothing is said of them with those that it has, three at most."""
    pattern, parsed = _pattern(locale, digits)
    return str(pattern.apply(value, parsed))


@lru_cache(maxsize=32)
def _pattern(locale: str, digits: int | None) -> tuple[NumberPattern, Locale]:
    parsed = Locale.parse(locale)
    form = parsed.decimal_formats[None] if digits is None else "#,##0." + "0" * digits if digits else "#,##0"
    return parse_pattern(form), parsed


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
    for literal, _, _, _ in Formatter().parse(template):
        if any(character.isdigit() for character in literal):
            raise ValueError(f"a number must come in as a value: {template!r}")
    said, used = _filled(template, values)
    if used != values.keys():
        raise ValueError(f"values without a field: {sorted(values.keys() - used)}")
    return replace(said, made=Sentence(template, tuple(values.items())))


def _filled(template: str, values: Mapping[str, Number | Said | str]) -> tuple[Said, set[str]]:
    """A template with its fields filled, and which they were; ``{days:dative}`` asks for a case."""
    parts: list[str] = []
    numbers: list[Number] = []
    used: set[str] = set()
    for literal, field, case, _ in Formatter().parse(template):
        parts.append(literal)
        if field is None:
            continue
        used.add(field)
        value = values[field]
        if isinstance(value, Said):
            numbers.extend(value.numbers)
        elif isinstance(value, Number):
            numbers.append(value)
        parts.append(_in_case(value, case or ""))
    return Said("".join(parts), tuple(numbers)), used


def _in_case(value: Number | Said | str, case: str) -> str:
    if isinstance(value, Number):
        return dict(value.cases).get(case, value.text)
    return value.text if isinstance(value, Said) else str(value)


def join(phrases: list[Said] | tuple[Said, ...], last: str = "and") -> Said:
    """A, B and C: an enumeration as one phrase."""
    listed = _listed([phrase.text for phrase in phrases], last)
    numbers = tuple(number for phrase in phrases for number in phrase.numbers)
    return Said(listed, numbers, Listing(tuple(phrases), last))


def _listed(texts: Sequence[str], last: str, comma: str = ", ") -> str:
    if len(texts) < 2:
        return "".join(texts)
    return f"{comma.join(texts[:-1])} {last}{'' if last in PREFIXES else ' '}{texts[-1]}"


def paragraph(*sentences: Said) -> Said:
    """Sentences one after the other; silent ones leave no gap."""
    spoken = tuple(sentence for sentence in sentences if sentence)
    numbers = tuple(number for s in spoken for number in s.numbers)
    return Said(" ".join(s.text for s in spoken), numbers, Paragraph(spoken))


def short(said: Said, longest: int) -> Said:
    """A sentence of at most so many letters: cut at a word, with the numbers that are still in it."""
    if len(said.text) <= longest:
        return replace(said, made=Cut(said, longest))
    text = said.text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + DOTS
    return Said(text, tuple(number for number in said.numbers if number.text in text), Cut(said, longest))


def retell(said: Said, tongue: Tongue) -> Said:
    """The same in another language: its template or fixed text from the catalogue, its words too, its names and numbers as they are."""
    match said.made:
        case Sentence(template, values):
            told = _filled(*_translated(tongue, template, values))[0]
            return Said(told.text, told.numbers)
        case Listing(phrases, last):
            parts = [retell(phrase, tongue) for phrase in phrases]
            numbers = tuple(number for part in parts for number in part.numbers)
            return Said(_listed([part.text for part in parts], tongue.term(last), tongue.term(", ")), numbers)
        case Paragraph(sentences):
            return paragraph(*(retell(sentence, tongue) for sentence in sentences))
        case Cut(whole, longest):
            return short(retell(whole, tongue), longest)
    return Said(tongue.term(said.text), said.numbers)


def _translated(
    tongue: Tongue, template: str, values: tuple[tuple[str, Number | Said | str], ...]
) -> tuple[str, dict[str, Number | Said | str]]:
    """A template in another language, and its values in the cases that it asks for."""
    theirs = tongue.term(template)
    cases = {field: case or "" for _, field, case, _ in Formatter().parse(theirs) if field}
    told: dict[str, Number | Said | str] = {}
    for name, value in values:
        if isinstance(value, Said):
            told[name] = retell(value, tongue)
        else:
            told[name] = tongue.term(value, cases.get(name, "")) if isinstance(value, Word) else value
    return theirs, told


def brief(name: str, longest: int = 28) -> str:
    """A name from the data, cut so that a title with two of them stays within its lines."""
    return name if len(name) <= longest else name[: longest - 1].rstrip() + DOTS


def verb(count: float, one: str, many: str) -> Word:
    """The form of a verb that agrees with a count: 1 is, 2 are, 0 are."""
    return Word(one if count == 1 else many)


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
    """An amount in the unit that makes it short, and that unit's pattern."""
    for limit, unit in ((1e9, "{n} bn"), (1e6, "{n} m"), (1e5, "{n} k")):
        if abs(value) >= limit:
            return value / (1e3 if unit == "{n} k" else limit), unit
    return value, "{n}"
