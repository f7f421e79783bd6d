"""The one table of tables and columns: what a source may hold, how it is called, and what each report needs of it.

Readers, checks, cleaning, docs and test fixtures all go by this module; a column of the input is named nowhere else.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["id", "text", "date", "money", "number", "status"]
Need = Literal["required", "optional"]
TYPED: frozenset[Kind] = frozenset({"date", "money", "number"})
"""Kinds whose cells a source may hold as values and not as text."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes
    ----------
    name : str
        Our name, the key of ``[source.columns]``.
    kind : Kind
        What its cells are read as.
    need : {"required", "optional"}
    meaning, unit : str
        For people; the unit is empty where there is none.
    synonyms : tuple of str
        Other names by which the column is guessed, likeliest first; case, blanks, hyphens and underscores do not matter.
    """

    name: str
    kind: Kind
    need: Need
    meaning: str
    unit: str = ""
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One table; `key` is the column that tells its rows apart, `gives` what the report lacks without it."""

    name: str
    need: Need
    meaning: str
    key: str
    gives: str
    columns: tuple[Column, ...]
    synonyms: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """All column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns without which the table is of no use."""
        return tuple(column.name for column in self.columns if column.need == "required")

    @property
    def words(self) -> tuple[str, ...]:
        """The names by which the table is known, its own first."""
        return (self.name, *self.synonyms)


CUSTOMER_WORDS = (
    "customer", "customerno", "customernumber", "customercode", "custid", "customerkey", "client", "clientid", "clientno",
    "userid", "user", "memberid", "member", "buyerid", "buyer", "accountid", "account", "shopperid", "customername",
    "customeremail", "email", "emailaddress", "kundennummer", "kunde",
)  # fmt: skip

TRANSACTIONS = Table(
    "transactions",
    "required",
    "One row per claimed coupon or order; in layout orders one row per order line.",
    "transaction_id",
    "",
    (
        Column(
            "transaction_id", "id", "optional", "Tells transactions apart; in layout orders it may span lines.", "",
            ("transactionno", "transactionnumber", "txnid", "transaction", "orderid", "orderno", "ordernumber", "order",
             "invoiceno", "invoiceid", "invoicenumber", "invoice", "receiptno", "receiptid", "bookingid"),
        ),
        Column("customer_id", "id", "required", "Who bought or claimed.", "", CUSTOMER_WORDS),
        Column(
            "transaction_date", "date", "required", "When the order was made or the coupon claimed.", "day",
            ("orderdate", "invoicedate", "purchasedate", "saledate", "salesdate", "bookingdate", "txndate", "orderedat",
             "purchasedat", "createdat", "createddate", "orderpurchasetimestamp", "datetime", "timestamp", "date", "day",
             "datum", "bestelldatum"),
        ),
        Column(
            "amount", "money", "optional", "Money of the row; negative: a refund. Without it M counts burned coupons.",
            "currency",
            ("revenue", "orderamount", "orderrevenue", "ordervalue", "ordertotal", "totalamount", "totalprice", "grandtotal",
             "dollarvalue", "salesamount", "sales", "sale", "total", "netamount", "linetotal", "paymentvalue", "spend",
             "monetary", "value", "betrag", "umsatz"),
        ),
        Column("currency", "text", "optional", "Currency of the amount; several are never added up.", "ISO 4217",
               ("currencycode", "curr", "iso4217", "waehrung", "währung", "devise")),
        Column("quantity", "number", "optional", "Pieces; with unit_price it makes the amount.", "pieces",
               ("qty", "units", "pieces", "orderquantity", "menge")),
        Column("unit_price", "money", "optional", "Price of one piece.", "currency",
               ("priceeach", "itemprice", "price", "preis", "einzelpreis")),
        Column(
            "transaction_status", "status", "optional",
            "Coupons: subscribed (claimed) or burned (redeemed). Orders: any word; see source.status.", "",
            ("status", "orderstatus", "state", "couponstatus", "paymentstatus"),
        ),
        Column("coupon_name", "text", "optional", "The coupon.", "", ("coupon", "couponcode", "voucher", "vouchercode")),
        Column("burn_date", "date", "optional", "When the coupon was redeemed.", "day",
               ("burneddate", "burnedat", "redeemdate", "redeemedat", "redemptiondate")),
        Column("branch_id", "id", "optional", "Where.", "", ("branch", "branchno", "storeid", "store", "shopid")),
    ),
    ("transaction", "txns", "orders", "order", "sales", "invoices"),
)  # fmt: skip
CUSTOMERS = Table(
    "customers",
    "optional",
    "One row per known customer, with or without transactions.",
    "customer_id",
    "customers who never bought, join dates, cities and genders",
    (
        Column("customer_id", "id", "required", "The customer.", "", ("id", *CUSTOMER_WORDS)),
        Column("join_date", "date", "optional", "When the customer joined.", "day",
               ("joined", "joinedat", "signupdate", "registrationdate", "registeredat", "createdat", "membersince")),
        Column("city_id", "id", "optional", "The customer's city.", "", ("city", "cityno")),
        Column("gender_id", "id", "optional", "The customer's gender.", "", ("gender", "sex", "genderno")),
    ),
    ("customer", "clients", "users", "members"),
)  # fmt: skip
GENDERS = Table(
    "genders", "optional", "Names of genders.", "gender_id", "genders",
    (
        Column("gender_id", "id", "required", "The gender.", "", ("id",)),
        Column("gender_name", "text", "optional", "Its name.", "", ("gender", "name")),
    ),
    ("gender",),
)  # fmt: skip
CITIES = Table(
    "cities", "optional", "Names of cities.", "city_id", "cities",
    (
        Column("city_id", "id", "required", "The city.", "", ("id",)),
        Column("city_name", "text", "optional", "Its name.", "", ("city", "name")),
    ),
    ("city",),
)  # fmt: skip
BRANCHES = Table(
    "branches", "optional", "The merchant of each branch.", "branch_id", "merchants",
    (
        Column("branch_id", "id", "required", "The branch.", "", ("id",)),
        Column("merchant_id", "id", "optional", "The merchant that the branch belongs to.", "", ("merchant",)),
        Column("branch_name", "text", "optional", "Its name; without it the branch is called after its id.", "",
               ("branch", "name")),
    ),
    ("branch", "stores"),
)  # fmt: skip
MERCHANTS = Table(
    "merchants", "optional", "Names of merchants.", "merchant_id", "merchants",
    (
        Column("merchant_id", "id", "required", "The merchant.", "", ("id",)),
        Column("merchant_name", "text", "optional", "Its name.", "", ("merchant", "name")),
    ),
    ("merchant",),
)  # fmt: skip

TABLES = (CUSTOMERS, GENDERS, CITIES, TRANSACTIONS, BRANCHES, MERCHANTS)
LOOKUPS = (CUSTOMERS, GENDERS, CITIES, BRANCHES, MERCHANTS)
ALIASES = (("status", "transaction_status"),)
"""Short keys that ``[source.columns]`` takes as well."""


def table(name: str) -> Table:
    """The table of that name."""
    return next(table for table in TABLES if table.name == name)


def fold(name: str) -> str:
    """A name without case, padding and separators: `` Customer-ID`` and ``customer_id`` are both ``customerid``."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", name).casefold() if sign.isalnum())


def rows() -> list[dict[str, str]]:
    """One row per column, for ``reporter schema``: ``table, column, type, need, unit, meaning, also called``."""
    return [
        {
            "table": table.name,
            "column": column.name,
            "type": column.kind,
            "need": column.need if table.need == "required" else f"{column.need} (table optional)",
            "unit": column.unit,
            "meaning": column.meaning,
            "also called": ", ".join(column.synonyms),
        }
        for table in TABLES
        for column in table.columns
    ]


def json_schema() -> dict[str, Any]:
    """The same as a JSON Schema (2020-12) of one source: an object of tables, each an array of rows of text cells."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "reporter source",
        "type": "object",
        "required": [table.name for table in TABLES if table.need == "required"],
        "properties": {table.name: _table_schema(table) for table in TABLES},
    }


def _table_schema(table: Table) -> dict[str, Any]:
    return {
        "type": "array",
        "description": table.meaning,
        "items": {
            "type": "object",
            "required": [column.name for column in table.columns if column.need == "required"],
            "properties": {column.name: _column_schema(column) for column in table.columns},
        },
    }


def _column_schema(column: Column) -> dict[str, Any]:
    kinds: dict[Kind, dict[str, Any]] = {
        "date": {"type": ["string", "number", "null"]},
        "money": {"type": ["string", "number", "null"]},
        "number": {"type": ["string", "number", "null"]},
    }
    return {
        **kinds.get(column.kind, {"type": ["string", "integer", "null"]}),
        "description": column.meaning,
        "x-kind": column.kind,
        **({"x-unit": column.unit} if column.unit else {}),
    }
