r"""The session functions that hide one dialect: the same names and meanings in every engine.

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
``tidy(t)``                 without blanks of any kind at its ends; null where nothing is left
``float_text(x)``           a float as people write it: whole numbers without a point, from 10^15 on with an exponent; null for NaN
``money_of(x)``             a float as DECIMAL(18,2), rounded as its shortest decimal form would be; null where it does not fit
``price_of(x)``             the same as DECIMAL(18,4)
``hash_of(t)``              a whole number of 64 bits that equal texts share (and others may)
==========================  =====================================================================================

Every parser checks the shape of the text first and casts once; what is lenient is decided here, not by the engine. A null costs nothing.
"""

from __future__ import annotations

TIME = (
    r"[T ]+([01]?\d|2[0-3])[:.][0-5]\d([:.][0-5]\d([.,]\d{1,9})?)?( ?[APap]\.?[Mm]\.?)?"
    r"( ?(Z|z|UTC|GMT|[+-]\d{2}(:?\d{2})?))?"
)
WEEKDAY = r"(?i)^(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?\.?,? +"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    r"(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?"
    r"|nov(ember)?|dec(ember)?)\.?"
)
DAY_MONTH_YEAR = rf"(?i)\d{{1,2}}(st|nd|rd|th)?[ -]+(of )?{MONTH},?[ -]+(\d{{4}}|\d{{2}})"
MONTH_DAY_YEAR = rf"(?i){MONTH}[ -]+\d{{1,2}}(st|nd|rd|th)?,?[ -]+(\d{{4}}|\d{{2}})"

TOTALS = "(grand|sub)?[ -]*(totals?|sum|average|mean)( .*|:.*)?|(gesamt|summe|insgesamt|итого|toplam|المجموع|الإجمالي)( .*|:.*)?"
CURRENCY = (
    r"(?:\p{Sc}|(?i:EGP|USD|EUR|GBP|JPY|CNY|INR|AUD|CAD|NZD|CHF|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|TRY|RUB|UAH|ILS|SAR"
    r"|AED|QAR|KWD|BHD|OMR|JOD|LBP|MAD|TND|DZD|LYD|IQD|ZAR|NGN|KES|GHS|BRL|MXN|ARS|CLP|COP|PEN|SGD|HKD|MYR|THB|IDR"
    r"|PHP|VND|KRW|TWD|PKR|BDT|LKR|(?:US|A|C|NZ|HK|S|R)\p{Sc}|kr\.?|Rs\.?|LE|L\.E\.|zł|Kč))"
)
ODD_SIGNS = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫٬−–’\u00a0\u202f\u2009"
PLAIN_SIGNS = "01234567890123456789.,--'   "
BLANKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


def duck_prelude() -> tuple[str, ...]:
    """All statements that a DuckDB connection runs before the first step, in order."""
    return (
        "CREATE TEMP MACRO fits(t, p) AS regexp_full_match(t, p)",
        "CREATE TEMP MACRO days_between(a, b) AS date_diff('day', a, b)",
        f"CREATE TEMP MACRO says_total(t) AS coalesce(fits(lower(t), '{TOTALS}'), FALSE)",
        "CREATE TEMP MACRO is_rounded(t) AS CASE WHEN t LIKE '%+%' THEN fits(t, '[0-9]([.][0-9]+)?[eE][+][0-9]+') ELSE FALSE END",
        r"CREATE TEMP MACRO printable(t) AS trim(regexp_replace(t, "
        r"'[\x{00}-\x{1f}\x{7f}-\x{9f}\x{200b}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}]', '', 'g'))",
        "CREATE TEMP MACRO hash_of(t) AS hash(t)",
        f"CREATE TEMP MACRO tidy(t) AS nullif(trim(t, '{BLANKS}'), '')",
        "CREATE TEMP MACRO float_text(x) AS CASE WHEN isnan(x) THEN NULL "
        "WHEN abs(x) >= 1e15 THEN CASE WHEN isinf(x) THEN CAST(x AS VARCHAR) ELSE printf('%.14e', CAST(x AS DOUBLE)) END "
        "WHEN x = floor(x) THEN CAST(CAST(x AS BIGINT) AS VARCHAR) ELSE CAST(x AS VARCHAR) END",
        *_floats(),
        *_dates(),
        *_moments(),
        *_numbers(),
    )


def _floats() -> tuple[str, ...]:
    """A float is rounded by arithmetic, but where it lies near the middle of two results its decimal form decides: 2.675 is 2.68."""
    return tuple(
        f"CREATE TEMP MACRO {name}(x) AS CASE WHEN isnan(x) THEN NULL "
        f"WHEN abs(x) < 1e13 AND abs(x * {unit} - round(x * {unit})) < 0.499 THEN try_cast(x AS DECIMAL(18, {digits})) "
        f"ELSE try_cast(try_cast(CAST(x AS VARCHAR) AS DECIMAL(38, 6)) AS DECIMAL(18, {digits})) END"
        for name, unit, digits in (("money_of", "100", 2), ("price_of", "10000", 4))
    )


def _dates() -> tuple[str, ...]:
    months = " ".join(f"WHEN '{name}' THEN {number}" for number, name in enumerate(MONTHS, 1))
    return (
        f"CREATE TEMP MACRO date_part_of(t) AS CASE WHEN length(t) <= 10 AND t NOT LIKE '% %' THEN t ELSE "
        f"regexp_replace(regexp_replace(t, '{WEEKDAY}', ''), '{TIME}$', '') END",
        r"CREATE TEMP MACRO shape_of_day(d) AS CASE "
        r"WHEN fits(d, '\d{4}-\d{2}-\d{2}') THEN 'iso' "
        r"WHEN fits(d, '\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{4}\.\d{1,2}\.\d{1,2}') THEN 'ymd' "
        r"WHEN fits(d, '(19|20|21)\d{6}') THEN 'compact' "
        r"WHEN fits(d, '\d{1,2}\.\d{1,2}\.(\d{4}|\d{2})') THEN 'dotted' "
        r"WHEN fits(d, '\d{1,2}/\d{1,2}/(\d{4}|\d{2})|\d{1,2}-\d{1,2}-(\d{4}|\d{2})') THEN 'numeric' "
        rf"WHEN fits(d, '{DAY_MONTH_YEAR}|{MONTH_DAY_YEAR}') THEN 'named' "
        r"WHEN fits(d, '\d{5}(\.\d+)?') THEN 'serial' END",
        r"CREATE TEMP MACRO date_shape(t) AS CASE WHEN fits(t, '\d{4}-\d{2}-\d{2}( ([01]\d|2[0-3]):[0-5]\d:[0-5]\d)?') THEN 'iso' "
        r"WHEN fits(t, '\d{2}/\d{2}/\d{4}( ([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?)?') THEN 'numeric' "
        "ELSE list_transform([date_part_of(t)], lambda d: shape_of_day(d))[1] END",
        f"CREATE TEMP MACRO month_number(d) AS CASE lower(regexp_extract(d, '[A-Za-z]{{3}}')) {months} END",
        r"CREATE TEMP MACRO full_year(y) AS CASE WHEN length(y) > 2 THEN y WHEN y < '70' THEN '20' || y ELSE '19' || y END",
        "CREATE TEMP MACRO day_of(y, m, d) AS try_cast(full_year(y) || '-' || lpad(m, 2, '0') || '-' || lpad(d, 2, '0') AS DATE)",
        "CREATE TEMP MACRO ordered_day(p, o) AS CASE o WHEN 'mdy' THEN day_of(p[3], p[1], p[2]) "
        "WHEN 'ymd' THEN day_of(p[1], p[2], p[3]) ELSE day_of(p[3], p[2], p[1]) END",
        # list_transform over one element gives an expression a name: it is computed once, not at each mention
        "CREATE TEMP MACRO day_of_parts(d, o) AS "
        "list_transform([string_split(translate(d, './', '--'), '-')], lambda p: ordered_day(p, o))[1]",
        r"CREATE TEMP MACRO named_day(d) AS day_of(regexp_extract(d, '(\d+)$', 1), CAST(month_number(regexp_replace(d, "
        r"'(?i)(\d)(st|nd|rd|th)', '\1')) AS VARCHAR), regexp_extract(d, '\d{1,2}'))",
        r"CREATE TEMP MACRO parse_day(d, o) AS CASE shape_of_day(d) "
        r"WHEN 'iso' THEN try_cast(d AS DATE) "
        r"WHEN 'ymd' THEN day_of_parts(d, 'ymd') "
        r"WHEN 'compact' THEN day_of(substr(d, 1, 4), substr(d, 5, 2), substr(d, 7, 2)) "
        r"WHEN 'dotted' THEN day_of_parts(d, CASE WHEN o = 'ymd' AND length(d) <= 8 THEN 'ymd' ELSE 'dmy' END) "
        r"WHEN 'numeric' THEN day_of_parts(d, CASE WHEN o = 'ymd' AND length(d) > 8 THEN 'dmy' ELSE o END) "
        r"WHEN 'named' THEN named_day(d) "
        r"WHEN 'serial' THEN DATE '1899-12-30' + CAST(floor(try_cast(d AS DOUBLE)) AS INTEGER) END",
    )


def _moments() -> tuple[str, ...]:
    return (
        # the two commonest ways to write a date are cut out by place: a tenth of the time
        r"CREATE TEMP MACRO is_iso(t) AS fits(t, '\d{4}-\d{2}-\d{2}( ([01]\d|2[0-3]):[0-5]\d:[0-5]\d)?')",
        r"CREATE TEMP MACRO is_slashed(t, o) AS o <> 'ymd' AND fits(t, '\d{2}/\d{2}/\d{4}( ([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?)?')",
        "CREATE TEMP MACRO unslashed(t, o) AS substr(t, 7, 4) || '-' || CASE o WHEN 'mdy' THEN substr(t, 1, 2) || '-' || "
        "substr(t, 4, 2) ELSE substr(t, 4, 2) || '-' || substr(t, 1, 2) END || substr(t, 11)",
        "CREATE TEMP MACRO parse_date(t, o) AS CASE WHEN t IS NULL THEN NULL WHEN is_iso(t) THEN try_cast(substr(t, 1, 10) AS DATE) "
        "WHEN is_slashed(t, o) THEN try_cast(substr(unslashed(t, o), 1, 10) AS DATE) "
        "ELSE list_transform([date_part_of(t)], lambda d: parse_day(d, o))[1] END",
        r"CREATE TEMP MACRO time_of(t) AS CASE WHEN length(t) > 10 THEN "
        r"try_cast(regexp_extract(t, '[T ](\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)', 1) AS TIME) END",
        "CREATE TEMP MACRO parse_ts(t, o) AS CASE WHEN t IS NULL THEN NULL WHEN is_iso(t) THEN try_cast(t AS TIMESTAMP) "
        "WHEN is_slashed(t, o) THEN try_cast(unslashed(t, o) AS TIMESTAMP) "
        "ELSE list_transform([date_part_of(t)], lambda d: parse_day(d, o))[1] + coalesce(time_of(t), TIME '00:00:00') END",
    )


def _numbers() -> tuple[str, ...]:
    plain_signs = PLAIN_SIGNS.replace("'", "''")
    return (
        # '(€ 1 234,50)' -> '(1 234,50)' -> '1 234,50' -> '-1234.50'
        f"CREATE TEMP MACRO tidy_number(t) AS trim(translate(t, '{ODD_SIGNS}', '{plain_signs}'))",
        f"CREATE TEMP MACRO without_currency(n) AS regexp_replace(regexp_replace(n, "
        rf"'^([-+(]?) ?{CURRENCY} ?', '\1'), ' ?{CURRENCY} ?([)-]?)$', '\1')",
        r"CREATE TEMP MACRO without_sign(n) AS regexp_replace(n, '^\((.*)\)$|^[-+] ?(.*)$|^(.*?) ?-$', '\1\2\3')",
        r"CREATE TEMP MACRO sign_of(n) AS CASE WHEN fits(n, '\(.*\)|-.*|.*-') THEN '-' ELSE '' END",
        r"CREATE TEMP MACRO shape_of_body(b) AS CASE "
        r"WHEN fits(b, '\d+|\d{1,3}([ '']\d{3})+|\d+(\.\d+)?[eE][+-]?\d{1,3}') THEN 'plain' "
        r"WHEN fits(b, '[1-9]\d{0,2}\.\d{3}') THEN 'dot3' "
        r"WHEN fits(b, '[1-9]\d{0,2},\d{3}') THEN 'comma3' "
        r"WHEN fits(b, '\d+\.\d*|\.\d+|\d{1,3}(,\d{2,3})*,\d{3}\.\d*|\d{1,3}(,\d{2,3})+,\d{3}|\d{1,3}([ '']\d{3})+\.\d*') "
        r"THEN 'dot' "
        r"WHEN fits(b, '\d+,\d*|,\d+|\d{1,3}(\.\d{3})+,\d*|\d{1,3}(\.\d{3}){2,}|\d{1,3}([ '']\d{3})+,\d*') THEN 'comma' END",
        "CREATE TEMP MACRO with_point(b, s) AS CASE shape_of_body(b) "
        "WHEN 'plain' THEN b "
        "WHEN 'dot' THEN replace(b, ',', '') "
        "WHEN 'comma' THEN replace(replace(b, '.', ''), ',', '.') "
        "WHEN 'dot3' THEN CASE s WHEN '.' THEN b WHEN ',' THEN replace(b, '.', '') END "
        "WHEN 'comma3' THEN CASE s WHEN ',' THEN replace(b, ',', '.') WHEN '.' THEN replace(b, ',', '') END END",
        "CREATE TEMP MACRO odd_number(t, s) AS list_transform([without_currency(tidy_number(t))], lambda n: sign_of(n) || "
        r"list_transform([without_sign(n)], lambda b: regexp_replace(with_point(b, s), '[ '']', '', 'g'))[1])[1]",
        "CREATE TEMP MACRO amount_shape(t) AS CASE "
        r"WHEN fits(t, '-?\d+') THEN 'plain' WHEN fits(t, '-?\d+\.(\d{1,2}|\d{4,})') THEN 'dot' "
        r"ELSE list_transform([without_sign(without_currency(tidy_number(t)))], lambda b: shape_of_body(b))[1] END",
        f"CREATE TEMP MACRO said_currency(t) AS CASE WHEN NOT fits(t, '[-0-9.,]+') THEN "
        f"nullif(upper(regexp_extract(tidy_number(t), '{CURRENCY}')), '') END",
        "CREATE TEMP MACRO parse_number(t, s) AS CASE WHEN t IS NULL THEN NULL "
        r"WHEN fits(t, '-?\d+(\.(\d{1,2}|\d{4,}))?') THEN try_cast(t AS DECIMAL(38, 6)) "
        r"WHEN fits(t, '-?\d+,(\d{1,2}|\d{4,})') THEN try_cast(replace(t, ',', '.') AS DECIMAL(38, 6)) "
        "ELSE try_cast(odd_number(t, s) AS DECIMAL(38, 6)) END",
        "CREATE TEMP MACRO parse_amount(t, s) AS try_cast(parse_number(t, s) AS DECIMAL(18, 2))",
    )
