"""Workbooks: what is hidden, merged, broken, renamed, or made to do harm."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from tests.intake.cases.case import Case, book, cut, parts, renamed, sheet, text

HEAD = ["customer", "date", "amount"]
ROW = ["a", date(2024, 1, 1), 1]
PLAIN = book(HEAD, ROW, ["b", date(2024, 1, 2), 2])
NAMES = '<c r="A1" t="str"><v>customer</v></c><c r="B1" t="str"><v>date</v></c><c r="C1" t="str"><v>amount</v></c>'
DAY = '<c r="B{0}" t="str"><v>2024-01-0{0}</v></c>'
LINKS = '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'


def line(number: int, amount: str) -> str:
    return f'<c r="A{number}" t="str"><v>a</v></c>' + DAY.format(number) + amount


def hide(workbook: Any) -> None:
    page = workbook.active
    page.row_dimensions[2].hidden = page.row_dimensions[3].hidden = True
    page.column_dimensions["B"].hidden = True


def second(workbook: Any) -> None:
    page = workbook.create_sheet("Notes")
    page.append(["remark"])
    page.append(["hello"])
    page.sheet_state = "veryHidden"


def hidden_orders(workbook: Any) -> None:
    workbook.active.sheet_state = "hidden"
    workbook.create_sheet("Cover").append(["Report of the year"])


def merge(*areas: str) -> Any:
    return lambda workbook: [workbook.active.merge_cells(area) for area in areas]


def in_1904(folder: Path) -> Path:
    import openpyxl
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    workbook = openpyxl.Workbook()
    workbook.epoch = CALENDAR_MAC_1904
    for cells in (HEAD, ["a", datetime(2024, 2, 29, 12), 1]):  # noqa: DTZ001
        workbook.active.append(cells)
    workbook.save(folder / "orders.xlsx")
    return folder / "orders.xlsx"


CASES = (
    Case("plain", PLAIN, kept=2, reasons={}, untold=("idden", "erged", "acros")),
    Case("years-from-1904", in_1904, kept=1, days=["2024-02-29"]),
    Case("hidden-rows-and-columns", book(HEAD, ROW, ROW, ["b", date(2024, 1, 2), 2], then=hide), kept=3,
         told=("orders.xlsx, sheet Sheet Hidden rows were read like all others. 2", "Hidden columns (1) were read")),
    Case("a-hidden-sheet-of-orders", book(HEAD, ROW, then=hidden_orders), {"sheet": "Sheet"}, kept=1, told=("sheet Sheet The sheet is hidden",)),
    Case("a-hidden-sheet-more", book(HEAD, ROW, then=second), {"sheet": "Sheet"}, kept=1, told=("sheet Notes The table has no use",), untold=("is hidden",)),
    Case("title-merged-over-all", book(["Orders 2024"], HEAD, ROW, then=merge("A1:C1")), kept=1, told=("header was found in row 2",), untold=("erged",)),
    Case("header-merged-over-two-rows", book(["customer", "Order"], [None, "date", "amount"], ROW, then=merge("A1:A2", "B1:C1")), kept=1, ids=["a"], total="1.00"),
    Case("header-merged-over-two-columns", book(["customer", "date", "amount", None], [*ROW, 5], then=merge("C1:D1")), kept=1, told=("merged over several columns, and name only the first of them: amount",)),
    Case("cells-merged-below", book(HEAD, ROW, [None, date(2024, 1, 2), 1], then=merge("A2:A3")), kept=1, reasons={"no-customer-id": 1}, told=("Merged cells (1 areas)",)),
    Case("macros", parts(PLAIN, **{"xl/vbaProject.bin": b"\0"}), kept=2, told=("macros of the workbook were not run",)),
    Case("links-to-other-workbooks", parts(PLAIN, **{"xl/externalLinks/externalLink1.xml": LINKS}), kept=2, told=("Links to other workbooks (1)",)),
    Case("data-connections", parts(PLAIN, **{"xl/connections.xml": "<connections/>"}), kept=2, told=("Data connections",)),
    Case("doctype", parts(PLAIN, sheet1=sheet(NAMES).replace("?>", '?><!DOCTYPE x [<!ENTITY a "b">]>', 1)), refused=("document type definition",)),
    Case("doctype-in-utf16", parts(PLAIN, sheet1=sheet(NAMES).replace("?>", '?><!DOCTYPE x [<!ENTITY a "b">]>', 1).encode("utf-16")), refused=("document type definition",)),
    Case("doctype-of-the-book", parts(PLAIN, book='<!DOCTYPE x SYSTEM "file:///etc/hostname"><workbook/>'), refused=("part xl/workbook.xml holds a document type definition",)),
    Case("unknown-entity", parts(PLAIN, sheet1=sheet(NAMES, line(2, '<c r="C2" t="str"><v>&zz;</v></c>'))), refused=("is damaged",)),
    Case("errors-in-cells", parts(PLAIN, sheet1=sheet(NAMES, line(2, '<c r="C2"><v>1</v></c>'), line(3, '<c r="C3" t="e"><v>#N/A</v></c>'), line(4, '<c r="C4" t="e"><v>#DIV/0!</v></c>'))),
         kept=1, reasons={"no-amount": 2}, told=("sheet Sheet Cells without a value: 2 with an error such as #N/A; they were read as empty. 2",)),
    Case("formulas-never-calculated", parts(PLAIN, sheet1=sheet(NAMES, line(2, '<c r="C2"><v>1</v></c>'), line(3, '<c r="C3"><f>1+1</f></c>'), line(4, '<c r="C4"><f>1+1</f><v></v></c>'),
         line(5, '<c r="C5"><f t="shared" si="0"/></c>'), line(6, '<c r="C6"><f>1+1</f><v>2</v></c>'))), kept=2, reasons={"no-amount": 3}, total="3.00", told=("3 with a formula that was never calculated",)),
    Case("far-cell", parts(PLAIN, sheet1=sheet(NAMES, '<c r="XFD1048576"><v>1</v></c>')), refused=("over the limit of 50,000,000 cells", "stray cells")),
    Case("far-cell-with-a-small-dimension", parts(PLAIN, sheet1=sheet(NAMES, '<c r="XFD1048576"><v>1</v></c>', before='<dimension ref="A1:C2"/>')), refused=("over the limit of 50,000,000 cells",)),
    Case("dimension-too-large", parts(PLAIN, sheet1=sheet(NAMES, line(2, '<c r="C2"><v>1</v></c>'), before='<dimension ref="A1:XFD1048576"/>')), kept=1, reasons={}, total="1.00"),
    Case("dimension-too-small", parts(PLAIN, sheet1=sheet(NAMES, line(2, '<c r="C2"><v>1</v></c>'), line(3, '<c r="C3"><v>2</v></c>'), before='<dimension ref="A1"/>')), kept=2, total="3.00"),
    Case("dimension-without-sense", parts(PLAIN, sheet1=sheet(NAMES, line(2, '<c r="C2"><v>1</v></c>'), before='<dimension ref="ZZZZ0:-1"/>')), refused=("is damaged",)),
    Case("zip-bomb", parts(PLAIN, sheet1=sheet(NAMES) + " " * 30_000_000), refused=("over the limit of 100 to 1",)),
    Case("no-sheet-part", parts(book(HEAD, ROW), sheet1=""), refused=("orders.xlsx",)),
    Case("cut-in-the-middle", cut(PLAIN, 0.5), refused=("orders.xlsx: is damaged, not a valid workbook.",)),
    Case("cut-at-the-start", cut(PLAIN, 0.001), refused=("orders.xlsx",)),
    Case("empty", text("", "orders.xlsx"), refused=("orders.xlsx: is empty",)),
    Case("blank", book(), refused=("holds no table",)),
    Case("text-called-workbook", text("customer,date\na,2024-01-01\n", "orders.xlsx"), refused=("is a text file under the name of a workbook", "Rename it to .csv")),
    Case("wide-text-called-old-workbook", text("customer\tdate\na\t2024-01-01\n", "orders.xls", "utf-16"), refused=("is a text file under the name of a workbook",)),
    Case("page-called-workbook", text("<html><table><tr><td>customer</td></tr></table></html>", "orders.xlsx"), refused=("is a web page (HTML) under the name of a workbook",)),
    Case("page-called-old-workbook", text("\r\n<TABLE><tr><td>customer</td></tr></TABLE>", "orders.xls"), refused=("is a web page (HTML)", "save it as .xlsx")),
    Case("xml-called-workbook", text('<?xml version="1.0"?><Workbook/>', "orders.xls"), refused=("is an XML file under the name of a workbook",)),
    Case("workbook-called-text", renamed(PLAIN, "orders.csv"), kept=2),
    Case("workbook-without-suffix", renamed(PLAIN, "orders"), kept=2),
    Case("password", text(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "orders.xlsx"), refused=("protected by a password",)),
    Case("old-workbook-damaged", text(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "orders.xls"), refused=("orders.xls",)),
    Case("names-with-entities", parts(PLAIN, sheet1=sheet(NAMES, '<c r="A2" t="str"><v>&lt;b&gt; &amp; &#128512;</v></c>' + DAY.format(2) + '<c r="C2"><v>1</v></c>')), kept=1, ids=["<b> & 😀"]),
)  # fmt: skip
