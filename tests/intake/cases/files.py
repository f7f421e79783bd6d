"""Files of text: encodings, lines, quotes, damage, and what is no file at all."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from tests.intake.cases.case import Build, Case, cut, text

HEAD = "customer,date,amount\n"
ONE = "a,2024-01-01,1\n"
TWO = "b,2024-01-02,2\n"
OURS_AND_THEIRS = HEAD + "<<<<<<< HEAD\n" + ONE + "=======\n" + TWO + ">>>>>>> theirs\n"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "orders.csv")
    return folder / "orders.csv"


def folder_of(**files: str) -> Build:
    def build(folder: Path) -> Path:
        for name, content in files.items():
            (folder / name.replace("_", ".")).write_text(content, encoding="utf-8")
        return folder

    return build


CASES = (
    Case("utf8-bom", text(HEAD + ONE, encoding="utf-8-sig"), kept=1, reasons={}),
    Case("utf16", text(HEAD + "é,2024-01-01,1\n", encoding="utf-16"), kept=1, ids=["é"]),
    Case("utf16-without-mark", text(HEAD + ONE, encoding="utf-16-le"), refused=("of a kind that cannot be read",)),
    Case("utf16-without-mark-named", text(HEAD + ONE, encoding="utf-16-le"), {"encoding": "utf-16-le"}, kept=1, ids=["a"]),
    Case("cp1252", text(HEAD + "José €,2024-01-01,1\n", encoding="cp1252"), kept=1, ids=["José €"], told=("read as cp1252",)),
    Case("wrong-encoding-named", text(HEAD + "José,2024-01-01,1\n", encoding="cp1252"), {"encoding": "utf-8"}, refused=("cannot be decoded", "source.encoding")),
    Case("cp1252-far-down", text(HEAD + ONE * 200_000 + "José,2024-01-01,1\n", encoding="cp1252"), kept=200_001, ids=["José", "a"]),
    Case("ragged", text(HEAD + ONE + "b,2024-01-02\nc,2024-01-03,3,4\n"), kept=1, reasons={"ragged-line": 2}),
    Case("empty-cells-too-many", text(HEAD + "a,2024-01-01,1,,\n"), kept=1, reasons={}),
    Case("quotes", text(HEAD + '"a, b",2024-01-01,"1"\n"say ""hi""",2024-01-02,1\n'), kept=2, ids=["a, b", 'say "hi"']),
    Case("line-break-in-quotes", text(HEAD + '"a\nb",2024-01-01,1\n'), kept=1, ids=["a\nb"]),
    Case("quote-left-open", text(HEAD + '"a,2024-01-01,1\n' + ONE * 20_000), refused=("cannot be split into rows",)),
    Case("old-mac-lines", text(HEAD.replace("\n", "\r") + ONE.replace("\n", "\r") + TWO.replace("\n", "\r")), kept=2, ids=["a", "b"]),
    Case("mixed-lines", text(HEAD + ONE.replace("\n", "\r\n") + "\r\n\n" + TWO), kept=2, ids=["a", "b"]),
    Case("no-last-line-break", text(HEAD + ONE + TWO.strip()), kept=2),
    Case("bars", text((HEAD + ONE).replace(",", "|")), kept=1, told=("separated by bars",)),
    Case("semicolons-and-commas", text("customer;date;amount\na;2024-01-01;1,50\n"), kept=1, total="1.50"),
    Case("title-rows", text("Shop of the year,,\n,,\n" + HEAD + ONE), kept=1, told=("header was found in row 3",)),
    Case("blank-rows", text(HEAD + "\n\n" + ONE + " , , \n\n" + TWO + "\n\n"), kept=2, reasons={}),
    Case("nul-bytes", text(HEAD + "a\0b,2024-01-01,1\n"), refused=("orders.csv: holds NUL bytes",)),
    Case("nul-tail", text((HEAD + ONE).encode() + b"\0" * 4096), refused=("holds NUL bytes",)),
    Case("conflict-markers", text(OURS_AND_THEIRS), refused=("line 2 is a conflict marker", "Keep one of the two versions")),
    Case("conflict-around-the-header", text("<<<<<<< HEAD\n" + HEAD + ONE + "=======\n" + HEAD + TWO + ">>>>>>> theirs\n"), refused=("line 1 is a conflict marker",)),
    Case("web-page", text("<!DOCTYPE html><html><body><table><tr><td>customer,date</td></tr></table></body></html>"), refused=("is a web page",)),
    Case("web-page-after-blanks", text("\ufeff\n\n <HTML>\ncustomer,date\n"), refused=("is a web page",)),
    Case("packed-without-saying", text(gzip.compress((HEAD + ONE).encode())), refused=("of a kind that cannot be read",)),
    Case("packed", text(gzip.compress((HEAD + ONE).encode()), "orders.csv.gz"), kept=1),
    Case("packed-cut", cut(text(gzip.compress(os.urandom(4000).hex().encode()), "orders.csv.gz"), 0.5), refused=("orders.csv.gz: is damaged",)),
    Case("packed-bomb", text(gzip.compress(HEAD.encode() + ONE.encode() * 9_000_000), "orders.csv.gz"), refused=("over the limit of 200 to 1",)),
    Case("empty", text(""), refused=("orders.csv: is empty",)),
    Case("blank", text("\n \n\t\n"), refused=("holds no table",)),
    Case("header-only", text(HEAD), refused=("no rows under the header",)),
    Case("missing", lambda folder: folder / "orders.csv", refused=("does not exist",)),
    Case("name-beyond-the-system", lambda folder: folder / ("x" * 5000), refused=("does not exist",)),
    Case("name-with-nul", lambda folder: folder / "a\0b", refused=("does not exist",)),
    Case("pipe", pipe, refused=("is no regular file", "Save it as a file first")),
    Case("folder-without-tables", folder_of(notes_md="hello"), refused=("is a folder without tables", "notes.md")),
    Case("folder-with-more", folder_of(transactions_csv=HEAD + ONE, readme_md="x"), kept=1, told=("Files of another kind: readme.md",)),
    Case("formulas-are-texts", text(HEAD + "=1+1,2024-01-01,1\n@a,2024-01-02,1\n"), ids=["=1+1", "@a"]),
    Case("no-header", text("a,2024-01-01,1\nb,2024-01-02,2\n"), {"columns": {"customer_id": "column 1", "transaction_date": "column 2"}}, kept=2, told=("no header row",)),
    Case("a-name-of-32767-signs", text(HEAD + "x" * 32_767 + ",2024-01-01,1\n"), kept=1, ids=["x" * 32_767]),
    Case("a-database-cut", text(b"SQLite format 3\0" + b"\0" * 80, "orders.db"), refused=("cannot be read as a SQLite database",)),
    Case("parquet-cut", text(b"PAR1" + b"\0" * 80, "orders.parquet"), refused=("not a valid Parquet file",)),
)  # fmt: skip
