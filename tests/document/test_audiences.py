"""Lists of customers: nothing in them runs, nothing in them is lost, and no name leaves its folder."""

from __future__ import annotations

import csv
import re
import stat
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.document import audiences
from reporter.document.audiences import neutralise, restore, slugs, write_audiences, write_customers, write_rejects

PAYLOADS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u00a0=1",
    "\ufeff=1",
    "\u200b=1",
    "\u3000=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "'=1",
    "''  =1",
    '=HYPERLINK("http://example.test","x")',
)
HARMLESS = ("", "C001", "a=b", "'quoted'", "1-2", "O'Neill", "  x", '"', "a,b", "a\nb", "مرحبا")
ids = st.text(st.sampled_from(list("'=+-@\t\r\n \u00a0\ufeff\u3000＝＠−a1,\"é")), max_size=6) | st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=8
)


@pytest.mark.parametrize("text", PAYLOADS)
def test_what_runs_gets_an_apostrophe(text: str) -> None:
    assert neutralise(text) == "'" + text
    assert restore(neutralise(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_what_does_not_run_stays(text: str) -> None:
    assert neutralise(text) == text
    assert restore(text) == text


@given(ids)
def test_restore_undoes_neutralise(text: str) -> None:
    safe = neutralise(text)
    assert restore(safe) == text
    assert safe.lstrip(" \u00a0\ufeff\u3000")[:1] not in set("=+-@\t\r\n＝＋－＠")


@given(st.lists(ids, min_size=1, max_size=20))
def test_columns_and_single_texts_agree(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("csv")
    path = write_customers(pd.DataFrame({"customer_id": texts, "n": range(len(texts))}), folder, "csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows[1:]] == [neutralise(text) for text in texts]
    assert [restore(row[0]) for row in rows[1:]] == texts


def customers(n: int = 40) -> pd.DataFrame:
    random = np.random.default_rng(3)
    names = ["Champions", "At risk", "../../etc", "=evil"]
    return pd.DataFrame(
        {
            "customer_id": [f"{'-' if i % 7 == 0 else ''}C{i:03d}" for i in range(n)],
            "recency_days": random.integers(1, 400, n),
            "frequency": random.integers(1, 9, n),
            "monetary": random.gamma(2, 100, n),
            "r_score": random.integers(1, 6, n),
            "f_score": random.integers(1, 6, n),
            "m_score": random.integers(1, 6, n),
            "segment": [names[i % 4] for i in range(n)],
            "cluster": random.integers(0, 3, n),
            "outlier": random.random(n) < 0.1,
            "burn_rate": np.where(random.random(n) < 0.3, np.nan, random.random(n)),
        }
    )


def test_customers_read_back_exactly(tmp_path: Path) -> None:
    frame = customers()
    path = write_customers(frame, tmp_path, "csv")
    text = path.read_bytes()
    assert b"\r" not in text
    assert text.endswith(b"\n")
    back = pd.read_csv(path, dtype={"customer_id": str})
    back["customer_id"] = back["customer_id"].map(restore)
    back["segment"] = back["segment"].map(restore)
    pd.testing.assert_frame_equal(back, frame, check_dtype=False, check_exact=True)


def test_amounts_have_two_decimals_and_other_numbers_are_short(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"id": ["a", "b", "c"], "monetary": [1.0, -2.345, np.nan], "x": [0.1, -5.0, np.inf], "b": [True, False, True]}
    )
    path = write_customers(frame, tmp_path, "csv", ["monetary"])
    assert path.read_text().splitlines() == ["id,monetary,x,b", "a,1.00,0.1,true", "b,-2.35,-5,false", "c,,,true"]


@pytest.mark.parametrize(("n", "name"), [(3, "customers.csv"), (5, "customers.parquet")])
def test_many_customers_go_to_parquet(n: int, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audiences, "PARQUET_ABOVE", 4)
    assert write_customers(customers(n), tmp_path).name == name


def test_parquet_is_raw_and_equal(tmp_path: Path) -> None:
    frame = customers()
    first = write_customers(frame, tmp_path, "parquet").read_bytes()
    assert write_customers(frame, tmp_path, "parquet").read_bytes() == first
    back = pyarrow.parquet.read_table(tmp_path / "customers.parquet").to_pandas()
    assert back["customer_id"].tolist() == frame["customer_id"].tolist()


def test_chunks_make_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = write_customers(customers(), tmp_path, "csv").read_bytes()
    monkeypatch.setattr(audiences, "CHUNK", 7)
    assert write_customers(customers(), tmp_path, "csv").read_bytes() == whole


def test_audiences_hold_each_customer_once(tmp_path: Path) -> None:
    frame = customers()
    files = write_audiences(frame, tmp_path, {"Champions": 'Say "thanks", early'}, ["monetary"])
    assert set(files) == set(frame["segment"])
    assert {path.parent for path in files.values()} == {tmp_path / "audiences"}
    listed = pd.concat(pd.read_csv(path, dtype=str, keep_default_na=False) for path in files.values())
    assert list(listed.columns) == [*audiences.AUDIENCE, "action"]
    assert sorted(listed["customer_id"].map(restore)) == sorted(frame["customer_id"])
    best = pd.read_csv(files["Champions"])
    assert best["monetary"].is_monotonic_decreasing
    assert set(best["action"]) == {'Say "thanks", early'}


def test_audiences_do_not_depend_on_row_order(tmp_path: Path) -> None:
    first = {name: path.read_bytes() for name, path in write_audiences(customers(), tmp_path, {}).items()}
    shuffled = customers().sample(frac=1, random_state=1)
    assert {name: path.read_bytes() for name, path in write_audiences(shuffled, tmp_path, {}).items()} == first


def test_rejects_have_all_columns(tmp_path: Path) -> None:
    findings = pd.DataFrame(
        [("rejected", "shop.xlsx", "transactions", 12, "amount", "=1+1", "not a number", 'found "=1+1"')],
        columns=list(audiences.FINDINGS),
    )
    path = write_rejects([findings, findings.assign(row=13)], tmp_path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["kind", "file", "sheet", "row", "column", "value", "reason", "detail"]
    assert [row[3:6] for row in rows[1:]] == [["12", "amount", "'=1+1"], ["13", "amount", "'=1+1"]]
    empty = write_rejects([findings.iloc[:0]], tmp_path)
    assert empty.read_text() == "kind,file,sheet,row,column,value,reason,detail\n"


def test_lists_are_for_their_owner_alone(tmp_path: Path) -> None:
    assert stat.S_IMODE(write_customers(customers(), tmp_path, "csv").stat().st_mode) == 0o600


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "customers.csv").symlink_to(victim)
    assert not write_customers(customers(), folder, "csv").is_symlink()
    assert victim.read_text() == "mine"


NAMES = (
    "../../x",
    "/etc/passwd",
    "a\x00b",
    "x" * 300,
    "CON",
    "com1",
    "",
    "...",
    "مرحبا",
    "At risk",
    "AT-RISK",
    "Ünïcode Ñame",
    "a" * 61,
    "a" * 62,
)


def test_slugs_are_safe_and_unique() -> None:
    made = slugs(NAMES)
    assert len(set(made.values())) == len(NAMES)
    for slug in made.values():
        assert re.fullmatch(r"[a-z0-9-]{1,60}", slug)
        assert slug not in audiences.DEVICES
    assert made["Ünïcode Ñame"] == "unicode-name"
    assert slugs(["Champions"]) == {"Champions": "champions"}
    assert slugs(reversed(NAMES)) == made


@given(st.lists(st.text(max_size=80), max_size=12))
def test_any_names_make_slugs(names: list[str]) -> None:
    made = slugs(names)
    assert len(set(made.values())) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9-]{1,60}", slug) for slug in made.values())


def grouped(n: int = 40) -> pd.DataFrame:
    frame = customers(n)
    kinds = np.arange(n) % 3
    return frame.assign(
        campaign=pd.Categorical("2026-01-01 " + frame["segment"]),
        group=pd.Categorical.from_codes(kinds, ["treatment", "control", "excluded"]),
        excluded=pd.Categorical.from_codes((kinds == 2).astype(int), ["", "recent"]),
        borderline=pd.Categorical.from_codes((kinds == 1).astype(int), ["", "tie+resample"]),
        certainty=np.where(kinds == 0, 0.25, 1.0).astype("float32"),
    )


def test_groups_come_after_the_columns_that_were_there(tmp_path: Path) -> None:
    frame = grouped()
    path = write_audiences(frame, tmp_path, {"Champions": "Thank them"}, ["monetary"])["Champions"]
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [*audiences.AUDIENCE, "action", *audiences.CAMPAIGN]
    known = frame.set_index("customer_id")
    for row in rows:
        own = known.loc[restore(row["customer_id"])]
        due = f"R{own['r_score']} F{own['f_score']} M{own['m_score']}; {own['recency_days']} d; {own['frequency']} x; "
        assert row["reason"] == f"{due}{own['monetary']:.2f}"
        for name in ("campaign", "group", "excluded", "borderline"):
            assert row[name] == own[name]
        assert float(row["certainty"]) == own["certainty"]


def test_the_workbook_holds_the_lists_and_nothing_in_it_runs(tmp_path: Path) -> None:
    frame = grouped()
    files = write_audiences(frame, tmp_path, {}, ["monetary"], date(2026, 1, 1))
    path = tmp_path / "audiences" / "audiences.xlsx"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = path.read_bytes()
    sheets = pd.read_excel(path, sheet_name=None, engine="calamine", keep_default_na=False)
    assert sum(map(len, sheets.values())) == len(frame)
    assert {each for sheet in sheets.values() for each in sheet["customer_id"]} == set(frame["customer_id"])
    for sheet, file in zip(sheets.values(), files.values(), strict=True):
        listed = pd.read_csv(file, dtype=str, keep_default_na=False)
        assert list(sheet.columns) == list(listed.columns)
        assert [restore(each) for each in listed["customer_id"]] == sheet["customer_id"].tolist()
        assert listed["group"].tolist() == sheet["group"].tolist()
        assert listed["monetary"].astype(float).tolist() == pytest.approx(sheet["monetary"].tolist(), abs=0.006)
        assert listed["certainty"].astype(float).tolist() == sheet["certainty"].tolist()
    with zipfile.ZipFile(path) as book:
        cells = "".join(book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name)
    assert "<f>" not in cells
    write_audiences(frame.sample(frac=1, random_state=1), tmp_path, {}, ["monetary"], date(2026, 1, 1))
    assert path.read_bytes() == first
    assert sorted(each.name for each in path.parent.iterdir()) == sorted(
        [path.name, *(file.name for file in files.values())]
    )


def test_the_workbook_knows_no_clock_and_every_cell_is_as_in_the_table(tmp_path: Path) -> None:
    import pyarrow as pa
    from openpyxl import load_workbook

    from reporter.document.audience_book import write_book

    texts = ["=1+1", "007", "http://shop.example", "a\x01b", " two ", "", None, "y" * 40_000]
    cells = {
        "customer_id": pa.array(texts, pa.string()),
        "segment": pa.array(["a", "b", None, "", "a", "b", "a", "b"]).dictionary_encode(),
        "count": pa.array([1, None, 3, 4, 5, 6, 7, 2**31], pa.int64()),
        "value": pa.array([79.68, float("nan"), float("inf"), -float("inf"), None, 0.1, 1e-7, -2.0]),
        "certainty": pa.array([0.9, 1.0, None, 0.5, 0.1, 0.3, 0.7, 0.25], pa.float32()),
    }
    table = pa.table(cells)
    path = tmp_path / "book.xlsx"
    with path.open("wb") as file:
        write_book({"A & B": table, "none": table.slice(0, 0)}, file, date(2026, 1, 1))
    with zipfile.ZipFile(path) as book:
        assert set(re.findall(r"\d{4}-\d\d-\d\dT[^<]*", book.read("docProps/core.xml").decode())) == {
            "2026-01-01T00:00:00Z"
        }
        assert {part.date_time for part in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    first, empty = load_workbook(path).worksheets
    assert [first.title, empty.title] == ["A & B", "none"]
    assert (first.freeze_panes, first.auto_filter.ref) == ("B2", "A1:E9")
    assert all(cell.font.b and cell.data_type == "s" for cell in (*first[1], *empty[1]))
    assert empty.max_row == 1
    columns = dict(zip(cells, zip(*first.iter_rows(min_row=2, values_only=True), strict=True), strict=True))
    assert columns["customer_id"] == (*texts[:3], "a_x0001_b", " two ", None, None, "y" * 32_767)
    assert columns["segment"] == ("a", "b", None, None, "a", "b", "a", "b")
    assert columns["count"] == (1, None, 3, 4, 5, 6, 7, 2**31)
    assert columns["value"] == (79.68, None, None, None, None, 0.1, 1e-7, -2.0)
    assert columns["certainty"] == (0.9, 1.0, None, 0.5, 0.1, 0.3, 0.7, 0.25)


def test_too_many_customers_for_a_spreadsheet_have_lists_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audiences, "MOST_CUSTOMERS", 39)
    write_audiences(grouped(), tmp_path, {}, (), date(2026, 1, 1))
    assert not (tmp_path / "audiences" / "audiences.xlsx").exists()


def test_without_customers_there_is_no_list_and_no_workbook(tmp_path: Path) -> None:
    assert write_audiences(grouped().iloc[:0], tmp_path, {}, (), date(2026, 1, 1)) == {}
    assert list((tmp_path / "audiences").iterdir()) == []
