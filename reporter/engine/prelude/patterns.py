r"""What dates, times, sums of money and summary lines look like: regular expressions that every engine reads alike.

DuckDB has RE2, Spark has Java's; they agree on what is written here and on little more. So no flag for upper and lower case (RE2 lets
``(?i)s`` match the long s, Java does not), no dot (Java's stops at more line ends than RE2's), no ``$`` (Java's also stands before a last
line end), no ``\p{Sc}`` or ``\s`` (their Unicode is of different years), and no group without an end that can be entered in two ways.
"""

from __future__ import annotations

REST = r"[^\n]*"
"""Anything on one line."""
END = r"\z"


def any_case(words: str) -> str:
    """A pattern whose letters match in capitals and in small letters.

    Examples
    --------
    >>> any_case("(of )?m")
    '([Oo][Ff] )?[Mm]'
    """
    return "".join(f"[{sign.upper()}{sign.lower()}]" if sign.upper() != sign.lower() else sign for sign in words)


TIME = (
    r"[T ]+([01]?\d|2[0-3])[:.][0-5]\d([:.][0-5]\d([.,]\d{1,9})?)?( ?[APap]\.?[Mm]\.?)?"
    r"( ?(Z|z|UTC|GMT|[+-]\d{2}(:?\d{2})?))?"
)
CLOCK = r"[T ](\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)"
"""The part of a time that is kept; `TIME` has seen to its range."""
WEEKDAY = "^" + any_case("(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?") + r"\.?,? +"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    any_case(
        "(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?"
        "|nov(ember)?|dec(ember)?)"
    )
    + r"\.?"
)
MONTH_START = any_case("|".join(MONTHS))
ORDINAL = any_case("(st|nd|rd|th)?")
DAY_MONTH_YEAR = rf"\d{{1,2}}{ORDINAL}[ -]+({any_case('of')} )?{MONTH},?[ -]+(\d{{4}}|\d{{2}})"
MONTH_DAY_YEAR = rf"{MONTH}[ -]+\d{{1,2}}{ORDINAL},?[ -]+(\d{{4}}|\d{{2}})"
ISO = r"\d{4}-\d{2}-\d{2}"
ISO_MOMENT = ISO + r"( ([01]\d|2[0-3]):[0-5]\d:[0-5]\d)?"
SLASHED_MOMENT = r"\d{2}/\d{2}/\d{4}( ([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?)?"
SHAPES_OF_DAY = (
    ("iso", ISO),
    ("ymd", r"\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{4}\.\d{1,2}\.\d{1,2}"),
    ("compact", r"(19|20|21)\d{6}"),
    ("dotted", r"\d{1,2}\.\d{1,2}\.(\d{4}|\d{2})"),
    ("numeric", r"\d{1,2}/\d{1,2}/(\d{4}|\d{2})|\d{1,2}-\d{1,2}-(\d{4}|\d{2})"),
    ("named", f"{DAY_MONTH_YEAR}|{MONTH_DAY_YEAR}"),
    ("serial", r"\d{5}(\.\d+)?"),
)

TOTALS = (
    any_case("(grand|sub)?[ -]*(totals?|sum|average|mean)|(gesamt|summe|insgesamt|итого|toplam|المجموع|الإجمالي)").join(
        "()"
    )
    + f"( {REST}|:{REST})?"
)
CURRENCY_SIGNS = (
    "[$\u00a2-\u00a5\u058f\u060b\u07fe\u07ff\u09f2\u09f3\u09fb\u0af1\u0bf9\u0e3f\u17db\u20a0-\u20c0\ua838\ufdfc\ufe69"
    "\uff04\uffe0\uffe1\uffe5\uffe6\U00011fdd-\U00011fe0\U0001e2ff\U0001ecb0]"
)
"""All currency signs of Unicode 15."""
CODES = any_case(
    "EGP|USD|EUR|GBP|JPY|CNY|INR|AUD|CAD|NZD|CHF|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|TRY|RUB|UAH|ILS|SAR"
    "|AED|QAR|KWD|BHD|OMR|JOD|LBP|MAD|TND|DZD|LYD|IQD|ZAR|NGN|KES|GHS|BRL|MXN|ARS|CLP|COP|PEN|SGD|HKD|MYR|THB|IDR"
    "|PHP|VND|KRW|TWD|PKR|BDT|LKR"
)
SHORT_NAMES = r"kr\.?|rs\.?|le|l\.e\.|zł|kč"
CURRENCY = f"(?:{CURRENCY_SIGNS}|{CODES}|{any_case('(?:us|a|c|nz|hk|s|r)')}{CURRENCY_SIGNS}|{any_case(SHORT_NAMES)})"
ODD_SIGNS = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫٬−–’\u00a0\u202f\u2009"
PLAIN_SIGNS = "01234567890123456789.,--'   "
BLANKS = " \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
"""All blanks of Unicode."""
WHITE = BLANKS + "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"
"""All that Python and Arrow trim as white space."""
UNPRINTABLE = r"[\x{00}-\x{1f}\x{7f}-\x{9f}\x{200b}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}]"
SHAPES_OF_BODY = (
    ("plain", r"\d+|\d{1,3}([ ']\d{3})+|\d+(\.\d+)?[eE][+-]?\d{1,3}"),
    ("dot3", r"[1-9]\d{0,2}\.\d{3}"),
    ("comma3", r"[1-9]\d{0,2},\d{3}"),
    ("dot", r"\d+\.\d*|\.\d+|\d{1,3}(,\d{2,3})*,\d{3}\.\d*|\d{1,3}(,\d{2,3})+,\d{3}|\d{1,3}([ ']\d{3})+\.\d*"),
    ("comma", r"\d+,\d*|,\d+|\d{1,3}(\.\d{3})+,\d*|\d{1,3}(\.\d{3}){2,}|\d{1,3}([ ']\d{3})+,\d*"),
)
_PAIRS = tuple(
    (capital, capital.lower())
    for capital in map(chr, (*range(0x41, 0x250), *range(0x370, 0x588)))
    if len(capital.lower()) == 1 and capital != capital.lower() and capital.lower().upper() == capital
)
CAPITALS = "".join(capital for capital, _ in _PAIRS)
SMALL_LETTERS = "".join(small for _, small in _PAIRS)
"""The letters of Latin, Greek, Cyrillic and Armenian that come in pairs, in one order."""
LONGEST = 80
"""No date and no sum of money is longer than this many signs; what is longer is not looked at."""
