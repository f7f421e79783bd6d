"""Many readers: an edition has the figures of a file with its rows alone, tells nothing of others, and goes to its own recipients."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from reporter.config import load_config
from reporter.delivery.account import Account
from reporter.delivery.journal import Journal
from reporter.delivery.mail import send_mail, told, write_mail
from reporter.delivery.settings import MailSettings
from reporter.delivery.store import digest
from reporter.errors import UsageError
from tests.command import BRIEF, FAST, called_here
from tests.delivery.smtp_server import PASSWORD, USER, Behaviour, certificate, serving
from tests.shop import sheets

AS_OF = date(2024, 7, 15)
SETTINGS = """
[report]
organisation = "Nile"
[readers]
min_customers = 20
[readers.one]
merchant = "Merchant 1"
locale = "de"
edition = "brief"
[readers.aswan]
city = "City 2"
organisation = "Aswan office"
[readers.few]
branch = "9"
"""
FILES = ("facts.json", "report.html", "segments.xlsx")


def book(path: Path, only: str = "", city: int = 0) -> Path:
    """The small shop with a branch of a handful of customers; or the rows of a merchant's branches or of a city's customers alone."""
    from xlsxwriter import Workbook

    tables = sheets()
    tables["branches"].append([9, 2])
    tables["transactions"] += [[f"S{i}", f"C00{i}", "2024-01-0" + str(i), "subscribed", "Ten off", None, 9, 10.0] for i in range(1, 6)]  # fmt: skip
    if only:
        branches = {row[0] for row in tables["branches"][1:] if f"Merchant {row[1]}" == only}
        kept = [row for row in tables["transactions"][1:] if row[6] in branches]
        people = {row[1] for row in kept}
        tables["customers"][1:] = [row for row in tables["customers"][1:] if row[0] in people]
        tables["transactions"][1:] = kept
    if city:
        tables["customers"][1:] = [row for row in tables["customers"][1:] if row[2] == city]
        people = {row[0] for row in tables["customers"][1:]}
        tables["transactions"][1:] = [row for row in tables["transactions"][1:] if row[1] in people]
    with Workbook(str(path)) as made:
        for name, rows in tables.items():
            sheet = made.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return path


@dataclass(frozen=True, slots=True)
class Made:
    """A finished run of the shop with editions, and what it told."""

    run: Path
    told: str

    def facts(self, edition: str = "") -> dict:
        """Facts of the run, or of an edition."""
        place = self.run / "editions" / edition if edition else self.run
        return json.loads((place / "facts.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One run, three editions asked for, two large enough."""
    folder = tmp_path_factory.mktemp("readers")
    (folder / "reporter.toml").write_text(SETTINGS, encoding="utf-8")
    ran = called_here("run", book(folder / "shop.xlsx"), "--no-pdf", "--as-of", AS_OF.isoformat(), *FAST, cwd=folder)
    assert ran.code == 0, ran.err
    return Made((folder / "output" / "latest").resolve(), ran.err)


def alone(folder: Path, **part: object) -> dict:
    """Facts of a run on a file that holds the rows of a part alone."""
    source = book(folder / "part.xlsx", **part)
    ran = called_here("run", source, "--no-pdf", "-q", "--as-of", AS_OF.isoformat(), *BRIEF, cwd=folder)
    assert ran.code == 0, ran.err
    return json.loads((folder / "output" / "latest" / "facts.json").read_text(encoding="utf-8"))


# -- figures


@pytest.mark.slow
@pytest.mark.parametrize(("edition", "part"), [("one", {"only": "Merchant 1"}), ("aswan", {"city": 2})])
def test_the_figures_are_those_of_a_file_with_these_rows_alone(made: Made, tmp_path: Path, edition: str, part: dict):
    own, other = made.facts(edition), alone(tmp_path, **part)
    assert own["segments"]
    for key in ("customers", "totals", "segments", "overview", "clustering", "backtest", "expected_value", "replay"):
        if (
            key == "overview"
        ):  # how many merchants are known is told by the table of merchants, which an edition never sees
            for side in (own, other):
                side[key] = {name: value for name, value in side[key].items() if name != "groups"}
        assert own[key] == other[key], key
    assert own["rows"]["kept"] == other["rows"]["kept"]


def test_the_account_of_an_edition_is_its_own_and_says_what_it_is_a_part_of(made: Made):
    merchant, city, whole = made.facts("one"), made.facts("aswan"), made.facts()
    rows = [row for row in sheets()["transactions"][1:] if row[1] is not None and (int(str(row[6])) - 1) % 3 == 0]
    assert merchant["rows"] | {"read": len(rows), "kept": len(rows), "rejected": 0} == merchant["rows"]
    assert merchant["scope"]["of_rows"] is None
    assert city["scope"]["of_rows"] == whole["rows"]["kept"] == 602
    assert city["scope"]["rejected"] == whole["rows"]["rejected"] == 3
    assert city["scope"]["of_customers"] == whole["customers"]["known"] == 80
    said = " ".join(each["text"] for each in city["statements"])
    assert "those of City 2, and no others" in said
    assert "3 rows of transactions that could not be used" in said


def test_no_table_of_an_edition_counts_the_one_group_that_everybody_is_in(made: Made):
    page = (made.run / "editions" / "aswan" / "report.html").read_text("utf-8")
    rows = re.findall(r"<tr[ >].*?</tr>", page, re.DOTALL)
    assert any("Merchant 1" in row for row in rows)
    assert [row for row in rows if "City 2" in row] == []


# -- privacy


def visible(folder: Path) -> str:
    """Everything that can be read in the files of an edition."""
    cells = [str(cell) for sheet in load_workbook(folder / "segments.xlsx") for row in sheet.iter_rows(values_only=True) for cell in row]  # fmt: skip
    return "\n".join([(folder / "report.html").read_text("utf-8"), (folder / "facts.json").read_text("utf-8"), *cells])


def test_an_edition_of_a_merchant_names_no_other_and_no_customer(made: Made):
    text = visible(made.run / "editions" / "one")
    assert "Merchant 1" in text
    assert not re.search(r"Merchant [23]|\bC0\d\d\b|\bT0\d\d\d\b", text)
    whole = made.facts()
    for number in (whole["rows"]["kept"], whole["rows"]["read"]):
        assert not re.search(rf"(?<![\w.#-]){number}(?![\w.%])", re.sub(r"<(style|script|svg).*?</\1>|\d+\.\d+", "", text, flags=re.S)), number  # fmt: skip


def test_no_edition_has_rows_of_customers_and_all_are_sealed(made: Made):
    found = sorted(
        path.relative_to(made.run).as_posix() for path in (made.run / "editions").rglob("*") if path.is_file()
    )
    assert found == [f"editions/{name}/{file}" for name in ("aswan", "one") for file in FILES]
    listed = {
        each["path"]: each["sha256"] for each in json.loads((made.run / "manifest.json").read_text("utf-8"))["outputs"]
    }
    assert all(listed[name] == digest(made.run / name) for name in found)


def test_a_small_group_gets_none_and_everybody_is_told(made: Made):
    facts = made.facts()
    assert [each["name"] for each in facts["editions"]["made"]] == ["aswan", "one"]
    (left,) = facts["editions"]["left_out"]
    assert left == {"name": "few", "kind": "branch", "of": "9", "why": "fewer than 20 customers with transactions"}
    assert "readers.few: Fewer than 20 customers with transactions, so no edition." in made.told
    assert "readers.few" in {note["where"] for note in facts["notes"]}
    assert not (made.run / "editions" / "few").exists()


# -- its own look


def test_each_has_its_own_language_length_and_name(made: Made):
    one, aswan = made.facts("one")["gist"], made.facts("aswan")["gist"]
    assert (one["language"], one["edition"], one["organisation"]) == ("de", "brief", "Nile · Merchant 1")
    assert (aswan["language"], aswan["edition"], aswan["organisation"]) == ("en", "full", "Aswan office")
    page = (made.run / "editions" / "one" / "report.html").read_text("utf-8")
    assert '<html lang="de"' in page
    assert not re.search(
        r"audiences/|rejects\.csv|customers\.csv|movers\.csv", visible(made.run / "editions" / "aswan")
    )


# -- what cannot be


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('[readers.one]\nmerchnt = "Delta"\n', "Did you mean merchant?"),
        ('[readers.one]\nmerchant = "Delta"\ncity = "Aswan"\n', "one of merchant, branch and city"),
        ('[readers.one]\nlocale = "de"\n', "one of merchant, branch and city"),
        ('[readers."../up"]\ncity = "Aswan"\n', "small letters, digits and hyphens"),
        ('[readers.one]\ncity = "Aswan"\nlogo = "none.svg"\n', "there is no file"),
        ('[readers.one]\ncity = "Aswan"\nlocale = "xx_yy"\n', "Write a locale"),
        ('[readers.one]\ncity = "Aswan"\nedition = "long"\n', "edition being full or brief"),
        ('[readers]\nby = "shop"\n', "is not one of"),
        ('[mail.readers]\none = ["nobody"]\n', "Write one address"),
    ],
)
def test_settings_that_mean_no_edition_are_told(tmp_path: Path, settings: str, said: str):
    (tmp_path / "reporter.toml").write_text(settings, encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(said)):
        load_config(tmp_path / "reporter.toml")


def test_paths_addresses_and_names_arrive(tmp_path: Path):
    (tmp_path / "a.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
    )
    (tmp_path / "reporter.toml").write_text('[readers.one]\ncity = "Aswan"\nlogo = "a.svg"\n', encoding="utf-8")
    config, origins = load_config(tmp_path / "reporter.toml", ["mail.readers.one=a@b.example, c@b.example"])
    assert config.readers.each["one"].logo == str(tmp_path / "a.svg")
    assert config.mail.readers == {"one": ("a@b.example", "c@b.example")}
    assert origins["readers.one.city"] == "file"


@pytest.mark.slow
def test_a_name_that_the_data_does_not_have_is_told_before_anything_is_written(tmp_path: Path):
    (tmp_path / "reporter.toml").write_text(
        '[readers.one]\nmerchant = "Marchant 1"\n[mail.readers]\non = ["a@b.example"]\n', encoding="utf-8"
    )
    ran = called_here("run", book(tmp_path / "shop.xlsx"), cwd=tmp_path)
    assert ran.code == 2
    assert "[readers.one] merchant: the data has no merchant “Marchant 1” with transactions. Did you mean “Merchant 1”" in ran.err  # fmt: skip
    assert "mail.readers.on: there is no such edition. Did you mean one?" in ran.err
    assert not (tmp_path / "output").exists()


# -- mail


@pytest.fixture
def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[object, Account]]:
    """A server on real TLS and the account on it."""
    own = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(own.file))
    with serving(own, Behaviour()) as server:
        yield server, Account("localhost", server.port, USER, PASSWORD)


@pytest.fixture
def settings() -> MailSettings:
    """A manager, and readers of three editions, of which one was too small."""
    readers = {"one": ("one@example.org",), "aswan": ("aswan@example.org", "second@example.org"), "few": ("few@example.org",)}  # fmt: skip
    return MailSettings(
        sender="reports@example.org", managers=("boss@example.org",), managers_edition="full", readers=readers,
        attach=("report.html", "segments.xlsx", "facts.json"), pause=0,
    )  # fmt: skip


def test_each_reader_gets_the_own_edition_once_and_nothing_else(
    made: Made, settings: MailSettings, post: tuple, tmp_path: Path
):
    import shutil

    server, account = post
    run = Path(shutil.copytree(made.run, tmp_path / "output" / made.run.name))
    delivery = send_mail(run, settings, account)
    assert (delivery.sent, delivery.before, delivery.problems, delivery.left_out) == (4, 0, (), ("few",))
    assert "Nobody gets few: too few customers." in told(delivery)
    got = {tuple(sorted(each.recipients)): each.message for each in server.delivered}
    place = {"one@example.org": "editions/one", "boss@example.org": ""}
    assert set(got) == {("one@example.org",), ("boss@example.org",), ("aswan@example.org", "second@example.org")}
    for people, message in got.items():
        folder = run / place.get(people[0], "editions/aswan")
        files = {part.get_filename().split("-")[0]: part.get_payload(decode=True) for part in message.iter_attachments()}  # fmt: skip
        assert files == {file.partition(".")[0]: (folder / file).read_bytes() for file in settings.attach}
    letter = got["one@example.org",]
    assert "Nile · Merchant 1" in letter.get_body(("plain",)).get_content()
    assert not re.search("Merchant [23]", letter.as_string())
    assert len({str(message["Message-ID"]) for message in got.values()}) == 3
    again = send_mail(run, settings, account)
    assert (again.sent, again.before, len(server.delivered)) == (0, 4, 3)
    assert Journal(run, made.facts()["run_id"]).states("reader-one", ["boss@example.org"]) == {"boss@example.org": "open"}  # fmt: skip


def test_the_dry_run_writes_each_and_strangers_are_refused(made: Made, settings: MailSettings, tmp_path: Path):
    import shutil

    run = Path(shutil.copytree(made.run, tmp_path / made.run.name))
    paths = write_mail(run, settings)
    assert [path.name for path in paths] == ["email-full.eml", "email-reader-aswan.eml", "email-reader-one.eml"]
    with pytest.raises(
        UsageError, match=r"mail\.readers\.two: this run has no such edition\. It has aswan, one, few\."
    ):
        write_mail(run, replace(settings, readers={"two": ("two@example.org",)}))
