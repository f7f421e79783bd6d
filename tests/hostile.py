"""Texts that try to be more than text, and a shop whose every name is one of them."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from pathlib import Path

MARK = "zq"
"""In every payload, so that each can be found again in what was made of it."""
MARKUP = (
    "<script>alert('zq1')</script>",
    "<img src=x onerror=alert('zq2')>",
    "\"><svg onload=alert('zq3')>",
    "' onmouseover='alert(1)' zq4='",
    "javascript:alert('zq5')",
    '<a href="javascript:alert(1)">zq6</a>',
    "</title></style></script><iframe src=//zq7.example>",
    "<!--zq8--><![CDATA[zq8]]><?zq8?>",
    "&lt;b&gt;zq9&amp;&#60;",
    "<link rel=attachment href=file:///etc/passwd>zq10",
    "<style>@import url(http://zq11.example/)</style>",
    "}*{background:url(http://zq12.example/)} zq12",
)
TEMPLATES = (
    "{{7*7}}zq20",
    "{% for x in ().__class__.__base__.__subclasses__() %}zq21{% endfor %}",
    "{{cycler.__init__.__globals__.os.popen('touch zq22').read()}}",
    "${7*7}#{7*7}zq23",
    "{0} {zq24} {0.__class__} %s %(zq24)s %n",
    r"$\evil{zq25}$ $\frac{1}{0}$ $$",
)
FORMULAS = (
    "=1+1+zq30",
    "+zq31()",
    "-2+3+zq32",
    "@SUM(zq33)",
    "=cmd|' /C calc'!zq34",
    '=HYPERLINK("http://zq35.example","x")',
    "＝1+zq36",
    "＋zq37",
    "{=1+zq38}",
    "'=zq39",
    " \u00a0=zq40",
    "http://zq41.example/",
)
SCRIPTS = (
    "\u202eevil\u202czq50",
    "\u2066zq51\u2069\u200f",
    "🧨👩‍👩‍👧‍👦zq52🇪🇬",
    "مرحبا zq53 بالعالم",
    "שלום zq54",
    "z" + "\u0301\u0316" * 60 + "zq55",
    "a\x01\x07\x1b[31mzq56\x7f",
    "zq57\ttab\nline\r\nbreak",
    "zq58" + "W" * 32_700,
    "zq59 " + "word " * 2_000,
    "../../zq60/../x",
    "CON.zq61",
    "_xD800_zq62_x0000_",
    "\ufeff\u200bzq63",
)
PAYLOADS = (*MARKUP, *TEMPLATES, *FORMULAS, *SCRIPTS)


def write_tables(folder: Path, tables: dict[str, list[list[object]]]) -> Path:
    """A folder of CSV files, one a table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    return folder


def hostile_shop(folder: Path, names: tuple[str, ...] = PAYLOADS, people: int = 8) -> Path:
    """A shop with these names as cities, merchants, branches, genders, coupons, statuses and in the ids, `people` customers a city.

    Every third city, merchant and branch burns nothing: they differ, so that the report shows them by name.
    """
    draw = random.Random(7)
    first = date(2023, 1, 1)
    customers: list[list[object]] = [["customer_id", "join_date", "city_id", "gender_id"]]
    transactions: list[list[object]] = [
        ["transaction_id", "customer_id", "transaction_date", "transaction_status", "coupon_name", "burn_date", "branch_id", "amount"]
    ]  # fmt: skip
    for i in range(len(names) * people):
        who = f"{names[i % len(names)][:200]}~{i}"
        customers.append([who, str(first), i % len(names), i % 2])
        for n in range(1 + i % 7):
            day = first + timedelta(days=draw.randrange(700))
            status = draw.choice(["subscribed", "burned", "subscribed", names[n % len(names)] if i < 8 else "burned"])
            if i % len(names) % 3 == 0 and i >= 8:
                status = "subscribed"
            burn = str(day + timedelta(days=draw.randrange(1, 20))) if status == "burned" else ""
            amount = round(draw.lognormvariate(3, 0.8), 2)
            transactions.append([f"{names[n % len(names)][:50]}#{i}-{n}", who, str(day), status, names[i % len(names)], burn, i % len(names), amount])  # fmt: skip
    for i, name in enumerate(names[:20]):
        transactions.append([f"bad-{i}", f"{name[:200]}~orphan", name[:300], "burned", "", "", 0, name[:300]])
    return write_tables(
        folder,
        {
            "customers": customers,
            "genders": [["gender_id", "gender_name"], [0, names[0]], [1, names[-1]]],
            "cities": [["city_id", "city_name"], *([i, name] for i, name in enumerate(names))],
            "transactions": transactions,
            "branches": [["branch_id", "branch_name", "merchant_id"], *([i, name, i] for i, name in enumerate(names))],
            "merchants": [["merchant_id", "merchant_name"], *([i, name] for i, name in enumerate(names))],
        },
    )
