"""Many files as one table: which belong together, in which order, and every row in its own file."""

from __future__ import annotations

import gzip
import random
import resource
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reporter.engine import FILE_SHIFT
from reporter.engine.duck import DuckEngine
from tests.command import called
from tests.fixtures.workbook import Rows, make_csv, make_folder, make_orders, make_parquet, make_shop
from tests.intake.conftest import Load, refused, rfm, tables, told, transactions


def split(folder: Path, rows: Rows, names: list[str]) -> Path:
    """Rows in turn, so many to a file."""
    size = -(-len(rows) // len(names))
    for place, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = rows[place * size : (place + 1) * size]
        make_parquet(path, part) if path.suffix == ".parquet" else make_csv(path, part)
    return folder


@pytest.mark.parametrize(
    "names",
    [
        ["transactions/part-000.csv", "transactions/part-001.csv", "transactions/deep/er.csv"],
        ["transactions/part-000.parquet", "transactions/part-001.parquet"],
        ["orders-2023.csv", "orders-2024.csv"],
        ["berlin.csv", "hamburg.csv", "ulm.csv"],
        ["year=2023/a.csv", "year=2024/month=01/a.csv", "year=2024/month=02/a.csv"],
    ],
)  # fmt: skip
def test_parts_give_the_figures_of_the_whole(load: Load, tmp_path: Path, names: list[str]) -> None:
    rows = make_orders()
    if names[0].startswith("year="):
        names = [f"year=2024/month=0{month}/a.csv" for month in (1, 2, 3)]
    whole = load(make_csv(tmp_path / "orders.csv", rows))
    ledger = load(split(tmp_path / "shop", rows, names))
    assert rfm(ledger) == rfm(whole)
    assert ledger.transactions_tally.files == tuple(sorted(names))
    assert [file.name for file in ledger.files] == sorted(names)
    assert told(ledger, f"({len(names)} files) Parts of one table: {', '.join(sorted(names))}.")


@pytest.mark.parametrize(("suffix", "header"), [("csv", 1), ("parquet", 0)])
def test_every_row_keeps_its_file_and_its_line(
    load: Load, engine: DuckEngine, tmp_path: Path, suffix: str, header: int
) -> None:
    rows = make_orders(lines=30)
    rows[4]["customer_id"] = None  # the fifth of the first file
    rows[27]["customer_id"] = None  # the eighth of the third
    folder = split(tmp_path / "shop", rows, [f"orders-{place}.{suffix}" for place in (3, 1, 2)])
    findings = load(folder).findings
    found = findings.loc[findings["kind"] == "rejected", ["file", "sheet", "row", "reason"]]
    assert found.values.tolist() == [
        [f"orders-2.{suffix}", "", 8 + header, "no-customer-id"],
        [f"orders-3.{suffix}", "", 5 + header, "no-customer-id"],
    ]
    tables(engine, folder)
    numbers = [number for (number,) in transactions(engine, "row_no")]
    assert numbers == [(place << FILE_SHIFT) + line + header for place in range(3) for line in range(1, 11)]


def test_a_twin_in_another_file_is_named_with_it(load: Load, tmp_path: Path) -> None:
    shop = make_shop(amount=True)
    twin = shop["transactions"][3]
    folder = make_folder(tmp_path / "shop", {name: rows for name, rows in shop.items() if name != "transactions"})
    make_csv(folder / "transactions-1.csv", shop["transactions"])
    make_csv(folder / "transactions-2.csv", [twin])
    ledger = load(folder)
    (found,) = ledger.findings[ledger.findings["reason"] == "identical-duplicate"].to_dict("records")
    assert (found["file"], found["row"]) == ("transactions-2.csv", 2)
    assert "See row 5 of transactions-1.csv." in found["detail"]
    (hit,) = [hit for hit in ledger.hits if hit.reason == "identical-duplicate"]
    assert (hit.first_rows, hit.first_files) == ((2,), ("transactions-2.csv",))


def test_a_folder_for_each_table_of_a_shop(load: Load, tmp_path: Path) -> None:
    shop = make_shop()
    whole = load(make_folder(tmp_path / "whole", shop))
    for name, rows in shop.items():
        split(tmp_path / "shop" / name, rows, ["a.csv", "b.parquet"] if name == "cities" else ["a.csv"])
    ledger = load(tmp_path / "shop")
    assert ledger.layout == "shop"
    assert rfm(ledger) == rfm(whole)
    assert ledger.known == whole.known


def test_parts_may_differ_in_everything_but_their_columns(load: Load, tmp_path: Path) -> None:
    """Order of columns, delimiter, encoding, lines above the header, packing."""
    folder = tmp_path / "orders"
    folder.mkdir()
    (folder / "a-1.csv").write_text("customer,date,amount\na,2024-01-01,1.50\n")
    (folder / "a-2.csv").write_bytes("Date;Amount;Customer\n2024-01-02;2,50;Zoë\n".encode("cp1252"))
    with gzip.open(folder / "a-3.csv.gz", "wt") as file:
        file.write("Export of today\n\namount\tcustomer\tdate\n3.50\tc\t2024-01-03\n")
    assert {who: money for who, (_, _, money) in rfm(load(folder)).items()}.keys() == {"a", "Zoë", "c"}


def test_columns_of_the_path_are_read(engine: DuckEngine, tmp_path: Path) -> None:
    for name, who in (("customer_id=A%20b", "x"), ("customer_id=__HIVE_DEFAULT_PARTITION__", "y")):
        (tmp_path / "lake" / name).mkdir(parents=True)
        table = pa.table({"order_date": ["2024-01-01"], "note": [who]})
        pq.write_table(table, tmp_path / "lake" / name / "part.parquet")
    tables(engine, tmp_path / "lake")
    assert transactions(engine, "customer_id", "transaction_date") == [("A b", "2024-01-01"), (None, "2024-01-01")]


def test_a_part_with_other_columns_is_named(engine: DuckEngine, tmp_path: Path) -> None:
    folder = split(tmp_path / "shop", make_orders(), ["orders-1.csv", "orders-2.csv"])
    (folder / "orders-3.csv").write_text("customer_id,order_date,price\na,2024-01-01,1\n")
    assert refused(engine, folder) == [
        "orders-3.csv: is part of one table with orders-1.csv, but lacks order_id, amount and has price besides. "
        "Give all parts the same columns, or take this file out of the folder."
    ]


def test_what_does_not_belong_is_told_and_left(load: Load, tmp_path: Path) -> None:
    folder = split(tmp_path / "shop", make_orders(), ["orders/a.csv", "orders/b.csv"])
    (folder / "orders" / "_SUCCESS").write_text("")
    (folder / "orders" / ".a.csv.crc").write_text("?")
    (folder / "archive").mkdir()
    (folder / "archive" / "old.csv").write_text("x\n")
    assert told(load(folder), "Folders that are called as no table: archive.")


def test_the_order_is_that_of_the_names(engine: DuckEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = make_orders(lines=40)
    folder = split(tmp_path / "shop", rows, [f"orders/{name}.csv" for name in ("B", "a", "ä", "10", "9")])
    tables(engine, folder)
    first = transactions(engine, "row_no", "customer_id")
    listing = Path.rglob

    def shuffled(path: Path, pattern: str):
        return iter(random.Random(1).sample(found := sorted(listing(path, pattern)), len(found)))

    monkeypatch.setattr(Path, "rglob", shuffled)
    found = tables(engine, folder)
    assert transactions(engine, "row_no", "customer_id") == first
    assert found.parts["transactions"] == (
        "orders/10.csv",
        "orders/9.csv",
        "orders/B.csv",
        "orders/a.csv",
        "orders/ä.csv",
    )


def test_a_thousand_files_need_no_thousand_handles(tmp_path: Path) -> None:
    folder = split(tmp_path / "shop", make_orders(lines=3000), [f"transactions/part-{i:04}.csv" for i in range(1000)])
    few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))  # noqa: E731
    ran = called("check", folder, "--json", cwd=tmp_path, preexec_fn=few)
    assert ran.code == 0, ran.err
    assert '"read": 3000' in ran.out
