"""Customer ids as keyed hashes: nowhere an id, nowhere the key, and the same numbers as without."""

from __future__ import annotations

import csv
import hmac
import json
import re
import zipfile
from base64 import b32encode
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.api import analyse
from reporter.config import load_config
from reporter.errors import UsageError
from reporter.intake.pseudonyms import KEY, SHORTEST_KEY, Pseudonyms, pseudonyms_from
from reporter.intake.reasons import REASONS
from reporter.pipeline import Outputs, run
from tests.command import BRIEF, FAST, Ran, called_here
from tests.shop import sheets, write_orders

SETTINGS = [word for word in BRIEF if word != "--set"]
CANARY = "canary-key-" + "k" * 32
OTHER = "another-key-" + "k" * 32
ORPHAN, TWIN = "QXORPHAN77", "QXTWIN88"
"""Ids that only the findings hold: a customer whom nobody knows, and one who is listed twice."""


def write_dirty_shop(path: Path) -> Path:
    """The small shop with ids that begin with QX, so that none of them can be found by chance."""
    from xlsxwriter import Workbook

    tables = sheets()
    for name, column in (("customers", 0), ("transactions", 1)):
        for row in tables[name][1:]:
            row[column] = f"QX{row[column]}" if row[column] else None
    tables["transactions"][7][1] = ORPHAN
    tables["customers"] += [[TWIN, "2022-01-01", 1, 1], [TWIN, "2022-02-02", 2, 2]]
    with Workbook(str(path)) as book:
        for name, rows in tables.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dirty_shop(tmp_path_factory.mktemp("shop") / "shop.xlsx")


def reporter(*arguments: str | Path, key: str | None = CANARY) -> Ran:
    """The command with a key in its environment, or without."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(KEY, raising=False)
        return called_here(*arguments, cwd=Path.cwd(), env={KEY: key} if key else {})


def texts(folder: Path) -> dict[str, str]:
    """Every file of a run as text: workbooks and PDFs by their content."""
    import pypdfium2

    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                found[path.name] = "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
        elif path.suffix == ".pdf":
            with pypdfium2.PdfDocument(path) as document:
                found[path.name] = "\n".join(page.get_textpage().get_text_bounded() for page in document)
        elif path.is_file():
            found[path.name] = path.read_bytes().decode("utf-8", "replace")
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def finished(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a run with pseudonyms, and all that it printed."""
    root = tmp_path_factory.mktemp("runs")
    done = reporter("run", str(shop), "-o", str(root), "-v", *FAST, "--set", "output.pseudonymise=true")
    assert done.code == 0, done.err
    return (root / "latest").resolve(), done.out + done.err


@pytest.fixture(scope="module")
def plain(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    """A run of the same shop without pseudonyms."""
    return run(shop, load_config(overrides=[*SETTINGS, "output.pdf=false"])[0], output=tmp_path_factory.mktemp("plain"))


def test_neither_id_nor_key_is_in_any_output(finished: tuple[Path, str]):
    folder, printed = finished
    found = texts(folder) | {"screen": printed}
    assert {"report.html", "segments.xlsx", "customers.csv", "rejects.csv", "facts.json", "manifest.json"} <= set(found)
    for name, text in found.items():
        assert "QX" not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", text), name
        assert CANARY not in text, name


def test_the_plain_run_does_hold_the_ids(plain: Outputs):
    found = texts(plain.folder)
    assert "QXC0" in found["customers.csv"]
    assert {ORPHAN, TWIN} <= {row["value"] for row in rows(plain.folder / "rejects.csv")}


def test_rejected_rows_keep_their_place_and_get_the_pseudonym_of_their_customer(finished: tuple[Path, str]):
    names = Pseudonyms(CANARY.encode())
    found = rows(finished[0] / "rejects.csv")
    (orphan,) = (row for row in found if row["reason"] == "unknown-customer")
    assert (orphan["file"], orphan["sheet"], orphan["row"]) == ("shop.xlsx", "transactions", "8")
    assert orphan["value"] == names.one(ORPHAN)
    (twin,) = (row for row in found if row["reason"] == "conflicting-duplicate")
    assert twin["value"] == names.one(TWIN)


def test_rows_stand_in_the_order_of_the_pseudonyms(finished: tuple[Path, str]):
    """In the order of the ids, the place of a row would tell which id it had."""
    listed = [row["customer_id"] for row in rows(finished[0] / "customers.csv")]
    assert listed == sorted(listed)
    assert len(set(listed)) == len(listed)
    assert all(re.fullmatch("p[a-z2-7]{16}", each) for each in listed)


def test_the_numbers_are_those_of_a_run_without(plain: Outputs, shop: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(KEY, CANARY)
    shown = plain.analysis
    hidden = analyse(shop, load_config(overrides=[*SETTINGS, "output.pseudonymise=true"])[0])
    names = Pseudonyms(CANARY.encode())
    renamed = shown.customers.assign(customer_id=names.of(shown.customers["customer_id"]))
    pd.testing.assert_frame_equal(renamed.sort_values("customer_id", ignore_index=True), hidden.customers)
    assert [segment.monetary for segment in shown.segments] == [segment.monetary for segment in hidden.segments]
    frames = (hidden.sample, hidden.scorecard.frame, hidden.features.frame, hidden.clustering.outliers)
    assert not any(frame["customer_id"].str.startswith("QX").any() for frame in frames)


def test_check_hides_ids_too(shop: Path, tmp_path: Path):
    done = reporter("check", str(shop), "-o", str(tmp_path / "checked"), "--set", "output.pseudonymise=true")
    assert done.code == 0
    for name, text in (texts(tmp_path / "checked") | {"screen": done.out + done.err}).items():
        assert "QX" not in text, name
        assert CANARY not in text, name


def test_a_source_without_a_usable_row_names_no_id(tmp_path: Path):
    lines = ["customer_id,transaction_id,transaction_date,amount", *(f"QX{i},{i},soon,1.00" for i in range(5))]
    source = tmp_path / "orders.csv"
    source.write_text("\n".join([*lines, "QX9,9"]) + "\n", encoding="utf-8")
    done = reporter("check", str(source), "--set", "output.pseudonymise=true", "--debug")
    assert done.code == 3
    assert "QX" not in done.err + done.out
    assert CANARY not in done.err + done.out


@pytest.mark.parametrize(("key", "told"), [(None, "is not set"), ("s3cret-canary", "13 bytes")])
def test_without_a_long_key_nothing_begins(shop: Path, tmp_path: Path, key: str | None, told: str):
    done = reporter(
        "run", str(shop), "-o", str(tmp_path / "out"), "--set", "output.pseudonymise=true", "--debug", key=key
    )
    assert done.code == 2
    assert told in done.err
    assert f"export {KEY}=" in done.err
    assert "s3cret-canary" not in done.err + done.out
    assert not (tmp_path / "out").exists()


def test_the_key_shows_in_no_representation():
    names = pseudonyms_from({KEY: CANARY})
    assert CANARY not in f"{names!r} {names} {names.check}"
    assert len(names.check) == 8


def test_another_key_is_another_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    config, _ = load_config(overrides=[*SETTINGS, "output.pseudonymise=true", "output.pdf=false"])
    orders, folders = write_orders(tmp_path / "orders.csv"), []
    for key in (CANARY, OTHER):
        monkeypatch.setenv(KEY, key)
        folders.append(run(orders, config, output=tmp_path).folder)
    manifests = [json.loads((folder / "manifest.json").read_text("utf-8")) for folder in folders]
    assert folders[0] != folders[1]
    assert manifests[0]["pseudonym_key_check"] != manifests[1]["pseudonym_key_check"]


def test_a_collision_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Pseudonyms, "one", lambda self, customer_id: "p")
    with pytest.raises(UsageError, match="share a pseudonym"):
        Pseudonyms(CANARY.encode()).of(pd.Series(["a", "b"]))


@given(st.text(min_size=1), st.binary(min_size=SHORTEST_KEY, max_size=64))
def test_a_pseudonym_is_the_keyed_hash_that_the_documentation_names(customer_id: str, key: bytes):
    digest = hmac.new(key, customer_id.encode("utf-8", "surrogatepass"), "sha256").digest()
    assert Pseudonyms(key).one(customer_id) == "p" + b32encode(digest)[:16].decode().lower()


def test_every_reason_about_a_customer_is_known_to_hold_an_id():
    """A new reason that shows a customer_id, or the key of the customers, is hidden without being listed anywhere."""
    names = Pseudonyms(CANARY.encode())
    cells = pd.DataFrame(
        [(table, reason, "QX1") for table in ("customers", "transactions") for reason in REASONS],
        columns=["table_name", "reason", "cell"],
    )
    hidden = names.of_cells(cells)
    kept = hidden[hidden["cell"] == "QX1"]
    assert not any(REASONS[reason].column == "customer_id" for reason in kept["reason"])
    assert not any(REASONS[reason].column == "" for reason in kept.loc[kept["table_name"] == "customers", "reason"])
    assert (hidden["cell"] == names.one("QX1")).any()
