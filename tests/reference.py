"""docs/reference.md: what the code alone knows for certain. `./dev docs` writes it anew, `--check` and `test_docs` say whether it is current.

The commands in short and the columns of the source stand in README.md (`tests.readme`); here is all that is looked up: options, settings, exit codes, environment, the reasons of rows,
the columns of the tables that a run writes, the keys of facts.json, the functions for Python, and every message of an error (`tests.problems`).
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click

from tests.facts_keys import meanings
from tests.problems import GAP, messages
from tests.readme import commands, exit_rows, table

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference.md"
HEAD = """# Reference

Made by `./dev docs` from the code; the tests fail where it is not what the code does. What you may call your columns, and the files that a run writes, are in the
[README](../README.md#your-own-data).
"""
COMMANDS_SAY = """`reporter COMMAND --help` says the same, with examples. An option that takes a value shows its form.
"""
SETTINGS_SAY = """In `reporter.toml`, or as `--set section.key=value`; `reporter init` writes a file with all of them. A flag wins over `--set`, that over the file, that over the default. An
unknown key is an error. An empty default means that there is none: the meaning says what happens then.
"""
ENVIRONMENT_SAY = """Secrets are in the environment and nowhere else; settings are never there.
"""
REASONS_SAY = """A rejected row is in no figure; a flagged one counts. Each has exactly one line in `rejects.csv`, with file, sheet, row, column and this reason.
`{value}` is the revenue, or the burned coupons where there is no amount.
"""
COLUMNS_SAY = """One row for each customer with a transaction, sorted by `customer_id`. Features that the source cannot have, and what cannot be expected, are left out.
"""
FACTS_SAY = """`[]` stands for each entry of a list, a name in braces for names that the data bring. A share is from 0 to 1. `{value}` is the currency of the amounts, or burned coupons where there are no
amounts. Numbers have twelve significant digits; what cannot be computed is null. The file of `reporter check -o` has the keys up to `notes`, and the first half of `reconciliation`.
"""
MESSAGES_SAY = f"""Every error says what is wrong, where, and how to mend it. `{GAP}` stands for names and numbers of yours. The exit code says which kind it is.
"""


def page() -> str:
    """The whole page."""
    parts = {
        "Commands": (COMMANDS_SAY, command_parts()),
        "Settings": (SETTINGS_SAY, setting_rows()),
        "Exit codes": (exit_rows(),),
        "Environment variables": (ENVIRONMENT_SAY, environment_rows()),
        "Why a row is rejected or flagged": (REASONS_SAY, reason_rows()),
        "Columns of customers.csv": (COLUMNS_SAY, customer_rows()),
        "Keys of facts.json": (FACTS_SAY, fact_rows()),
        "Functions for Python": (
            "Each has its parameters, errors and an example in `help(reporter.run)` and so on.\n",
            function_rows(),
        ),
        "Messages": (MESSAGES_SAY, message_rows()),
    }
    return "\n".join([HEAD, *("\n".join([f"## {title}\n", *found]) + "\n" for title, found in parts.items())])


# --- commands, settings, environment ----------------------------------------------------------------------------------


def command_parts() -> str:
    """Every command: how it is written, what it does, its options."""
    return "\n".join(_command(name, command) for name, command in commands().items()).rstrip()


def _command(name: str, command: click.Command) -> str:
    context = click.Context(command)
    arguments = [each.make_metavar(context) for each in command.params if isinstance(each, click.Argument)]
    told = (command.help or "").replace("\b\n", "").partition("Examples:")[0]
    rows = [
        (f"`{written(each, context)}`", (each.help or "").replace("  [default", " [default"))
        for each in command.params
        if isinstance(each, click.Option)
    ]
    parts = [f"### {' '.join(['reporter', name, *arguments])}\n", " ".join(told.split()) + "\n"]
    return "\n".join([*parts, table(("option", "does"), rows) + "\n"])


def written(option: click.Option, context: click.Context) -> str:
    """An option as one writes it."""
    names = ", ".join([*option.opts, *option.secondary_opts])
    return names if option.is_flag else f"{names} {option.make_metavar(context)}"


def setting_rows() -> str:
    """Every setting of reporter.toml."""
    from reporter.config_checks import LIMITS
    from reporter.reference import toml
    from reporter.settings import every_setting

    def kind(name: str, each: Any) -> str:
        low, high = LIMITS.get(name, (None, None))
        return type_of(each) + (f", {low:,} to {high:,}" if low is not None else "")

    rows = (
        (
            f"`{each.name}`",
            kind(each.name, each),
            "" if each.default in (None, {}) else f"`{toml(each.default)}`",
            each.meaning,
        )
        for each in every_setting().values()
    )
    return table(("setting", "type", "default", "meaning"), rows)


def type_of(setting: Any) -> str:
    """The type of a setting in words."""
    if setting.is_table:
        return "table"
    if setting.choices:
        return one_of(setting.choices)
    (kind,) = setting.kinds
    if get_origin(kind) is not tuple:
        return WORDS[kind]
    inner = get_args(kind)[0]
    return f"list, each {one_of(get_args(inner))}" if get_origin(inner) is Literal else f"list of {WORDS[inner]}s"


def one_of(choices: Iterable[Any]) -> str:
    """Values that can be chosen from, as TOML writes them."""
    from reporter.reference import toml

    return "one of " + ", ".join(f"`{toml(choice)}`" for choice in choices)


WORDS = {str: "text", int: "integer", float: "number", bool: "true or false", date: "date"}
ENVIRONMENT = {
    "REPORTER_SMTP_HOST": "Name of the mail server. Without it no mail can be sent.",
    "REPORTER_SMTP_PORT": "Its port; without it the usual one of the security: {ports}.",
    "REPORTER_SMTP_USER": "Who we are there; empty: it asks for no name.",
    "REPORTER_SMTP_PASSWORD": "The password. It is shown nowhere.",
    "REPORTER_SMTP_SECURITY": "starttls (without it), tls, or none: only for a server on this machine, without a user.",
    "REPORTER_PSEUDONYM_KEY": "Key of the pseudonyms, at least 32 bytes, for output.pseudonymise.",
    "REPORTER_CAMPAIGN_KEY": "Key by which treatment and control groups are drawn; without it the name of the campaign.",
    "PGPASSWORD": "Password of PostgreSQL; ~/.pgpass is read too.",
    "SSL_CERT_FILE": "Certificate authority of your own, for the mail server.",
    "NO_COLOR": "With any value: no live display while a run works.",
    "TERM": "`dumb`: the same.",
    "JAVA_HOME": "Where Java is, for Spark.",
}
"""What is read from the environment, by us or by a library on our behalf."""


def environment_rows() -> str:
    """Every variable of the environment."""
    from reporter.delivery.account import PORTS

    ports = ", ".join(f"{name} {port}" for name, port in PORTS.items())
    return table(
        ("variable", "means"), ((f"`{name}`", text.replace("{ports}", ports)) for name, text in ENVIRONMENT.items())
    )


# --- rows, columns, facts, functions, messages ------------------------------------------------------------------------


def reason_rows() -> str:
    """Every reason with what it touches and how it is mended."""
    from reporter.intake.advice import ADVICE
    from reporter.intake.reasons import REASONS

    rows = (
        (f"`{name}`", reason.kind, reason.sentence, ADVICE[name].touches, ADVICE[name].mend)
        for name, reason in REASONS.items()
    )
    return table(("reason", "kind", "means", "touches", "how to mend it"), rows)


def customer_columns() -> dict[str, str]:
    """Every column of customers.csv and what it holds."""
    from reporter.analysis.expected import COLUMNS as EXPECTED
    from reporter.analysis.features import definitions

    found = {
        "customer_id": "as in the source, or its pseudonym",
        "recency_days": "days from the last transaction to the as-of date",
        "frequency": "transactions that are no refunds",
        "monetary": "money under the refund policy; burned coupons where there is no amount",
        "r_score": "score of recency, 1 to the grid's number of steps",
        "f_score": "score of frequency",
        "m_score": "score of monetary",
        "segment": "name in the grid",
        "cluster": "number of the cluster, 1 for the most valuable; 0 where there are too few customers",
        "outlier": "whether DBSCAN calls it one",
    }
    for mode in ("money", "coupon"):
        found |= {each.name: f"{each.label}, {each.unit}" for each in definitions(mode) if each.name not in found}
    told = (
        "probability of still being a customer",
        "purchases to be expected over the horizon",
        "money to be expected over the horizon",
    )
    return found | dict(zip(EXPECTED, told, strict=True))


def customer_rows() -> str:
    """Columns of customers.csv as a table."""
    return table(("column", "holds"), ((f"`{name}`", meaning) for name, meaning in customer_columns().items()))


def fact_rows() -> str:
    """Every key of facts.json with type, unit and meaning."""
    rows = ((f"`{fact.path}`", fact.kind, fact.unit, fact.meaning) for fact in meanings().values())
    return table(("key", "type", "unit", "meaning"), rows)


def function_rows() -> str:
    """The public names that can be called, with the first sentence of their help."""
    import reporter

    rows = []
    for name in reporter.__all__:
        what = getattr(reporter, name)
        if callable(what) and not inspect.isclass(what):
            parameters = ", ".join(inspect.signature(what).parameters)
            rows.append(
                (f"`reporter.{name}({parameters})`", (inspect.getdoc(what) or "").split("\n\n")[0].replace("\n", " "))
            )
    return table(("function", "does"), rows)


def message_rows() -> str:
    """Every message, by the room that it comes from."""
    return table(("comes from", "what is wrong", "how to mend it"), messages())


def main(*words: str) -> int:
    """Write the page, or say with `--check` whether it is current."""
    if "--check" not in words:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    stale = PAGE.read_text(encoding="utf-8") != page()
    if stale:
        sys.stderr.write(f"{PAGE.relative_to(ROOT)} is not what the code does: run ./dev docs\n")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
