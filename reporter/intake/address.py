"""The address of a database server, taken apart so that no message can show the password in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from reporter.errors import Problem, UsageError

SCHEMES = ("postgres://", "postgresql://")
EXAMPLE = "postgres://user@host:5432/database"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is.

    Attributes
    ----------
    url : str
        For the driver: as the user gave it, without what is ours. May hold a password, so it is never shown.
    server : str
        Host and port, for messages.
    name : str
        The database.
    schema : str or None
        The one schema to look in; None: the search path.
    """

    url: str = field(repr=False)
    server: str
    name: str
    schema: str | None


def is_address(source: object) -> bool:
    """Whether a source is the address of a server and no path."""
    return str(source).lower().startswith(SCHEMES)


def address_of(source: object) -> Address:
    """Take an address apart.

    Raises
    ------
    UsageError
        For one that reads two ways, such as with a bare ``@`` or ``/`` in the password; nothing of it is repeated.
    """
    try:
        parts = urlsplit(str(source))
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise _ambiguous() from None
    login = parts.netloc.rpartition("@")[0]
    if "@" in login or login.count(":") > 1 or "/" in parts.path[1:] or "@" in parts.path or parts.fragment:
        raise _ambiguous()
    path = unquote(parts.path.removeprefix("/"))
    given = parse_qsl(parts.query, keep_blank_values=True)
    ours = dict(given)
    name = path or ours.get("dbname") or unquote(login.partition(":")[0]) or "postgres"
    query = urlencode([pair for pair in given if pair[0] != "schema"], quote_via=quote)
    url = f"postgresql://{parts.netloc}{parts.path}" + (f"?{query}" if query else "")
    server = f"{parts.hostname or ours.get('host') or 'the local socket'}{port}"
    return Address(url, server, name, ours.get("schema") or None)


def _ambiguous() -> UsageError:
    what = "the address cannot be told apart into user, password, host, port and database."
    fix = f"Write it as {EXAMPLE}, with signs such as @ : / # in the password as %40 %3A %2F %23, or give the password in PGPASSWORD."
    return UsageError(Problem("postgresql://", what, fix))
