"""The command on a small shop, in processes of its own: files, exit codes, accounts and sameness."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import socket
import zipfile
from pathlib import Path
from typing import Any

import pytest

import reporter
from tests.command import BRIEF, FAST, ROOT, Ran, called, called_here
from tests.delivery.small_runs import damage, differences, names
from tests.shop import READ, REJECTED, write_orders, write_shop

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook."""
    return write_shop(tmp_path_factory.mktemp("secret-place") / "shop.xlsx")


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A single table, where what is in it does not matter."""
    return write_orders(tmp_path_factory.mktemp("orders") / "orders.csv")


@pytest.fixture(scope="module")
def first(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, Path]:
    """The first run of the shop, without PDF: what it said, and the output folder."""
    folder = tmp_path_factory.mktemp("first")
    return called("run", shop, "--no-pdf", "-v", *FAST, cwd=folder), folder / "output"


@pytest.fixture(scope="module")
def facts(first: tuple[Ran, Path]) -> dict[str, Any]:
    """``facts.json`` of the first run."""
    return json.loads((first[1] / "latest" / "facts.json").read_text(encoding="utf-8"))


# -- the good way


def test_a_run_says_where_everything_is_and_that_is_so(first: tuple[Ran, Path]):
    said, output = first
    assert said.code == 0, said.err
    run = (output / "latest").resolve()
    assert names(output) == sorted([".lock", "history.sqlite", run.name, "latest"])
    for name in ("report.html", "segments.xlsx", "customers.csv", "rejects.csv", "facts.json", "manifest.json"):
        assert f"{Path('output') / run.name / name}\n" in said.out
        assert (run / name).stat().st_size > 0
    assert not (run / "report.pdf").exists()
    assert len(list((run / "audiences").iterdir())) > 1
    assert damage(run) == []


def test_the_headline_comes_first_and_talk_goes_to_stderr(first: tuple[Ran, Path], facts: dict[str, Any]):
    said, _ = first
    headline = said.out.splitlines()[0]
    assert len(headline) > 20
    assert f"{REJECTED} rows rejected" in said.err
    assert "rejects.csv" in said.err
    assert "row 101" in said.err.replace("rows", "row")
    assert facts["titles"]


def test_every_row_is_accounted_for(first: tuple[Ran, Path], facts: dict[str, Any]):
    rows = facts["rows"]
    assert (rows["read"], rows["kept"], rows["rejected"]) == (READ, READ - REJECTED, REJECTED)
    for table in facts["tables"].values():
        assert table["read"] == table["kept"] + table["rejected"]
    with (first[1] / "latest" / "rejects.csv").open(encoding="utf-8-sig", newline="") as stream:
        listed = list(csv.DictReader(stream))
    rejected = [each for each in listed if each["kind"] == "rejected"]
    assert len(rejected) == sum(table["rejected"] for table in facts["tables"].values())
    assert sorted(int(each["row"]) for each in rejected) == [101, 201, 301]


def test_the_numbers_of_the_files_agree(first: tuple[Ran, Path], facts: dict[str, Any]):
    with (first[1] / "latest" / "customers.csv").open(encoding="utf-8-sig", newline="") as stream:
        customers = list(csv.DictReader(stream))
    assert len(customers) == facts["customers"]["scored"] == sum(each["customers"] for each in facts["segments"])
    assert sum(int(each["frequency"]) for each in customers) == facts["totals"]["transactions"] == READ - REJECTED
    cents = sum(round(100 * float(each["monetary"])) for each in customers)
    assert cents == round(100 * facts["totals"]["monetary"])
    assert list(customers[0])[:10] == [
        "customer_id",
        "recency_days",
        "frequency",
        "monetary",
        "r_score",
        "f_score",
        "m_score",
        "segment",
        "cluster",
        "outlier",
    ]
    lists = sum(
        len(path.read_text(encoding="utf-8-sig").splitlines()) - 1
        for path in (first[1] / "latest" / "audiences").glob("*.csv")
        if path.name != "movers.csv"
    )
    assert lists == len(customers)


def test_the_manifest_tells_settings_with_their_origin(first: tuple[Ran, Path], facts: dict[str, Any]):
    manifest = json.loads((first[1] / "latest" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["run_id"] == facts["run_id"] == (first[1] / "latest").resolve().name
    assert manifest["settings"]["cluster.k_max"] == {"value": 3, "origin": "--set"}
    assert manifest["settings"]["output.pdf"] == {"value": False, "origin": "flag"}
    assert [each["name"] for each in manifest["inputs"]] == ["shop.xlsx"]
    assert {"read", "clean", "analyse", "compose", "draw", "html", "write"} <= set(manifest["timings"]["stages"])
    peaks = manifest["timings"]["stage_peak_memory_mib"]
    assert list(peaks) == list(manifest["timings"]["stages"])
    assert manifest["timings"]["peak_memory_mib"] == max(peaks.values())
    assert min(peaks.values()) > 20  # Python with pandas is more than that


def test_files_about_single_people_are_their_owner_s_only(first: tuple[Ran, Path]):
    run = first[1] / "latest"
    for path in (run / "customers.csv", run / "rejects.csv", *(run / "audiences").iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_no_path_host_or_user_is_in_any_file(first: tuple[Ran, Path], shop: Path):
    secrets = [str(shop.parent), str(first[1].parent), str(ROOT), socket.gethostname(), str(Path.home())]
    for path in (first[1] / "latest").resolve().rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    content = b"".join(archive.read(name) for name in archive.namelist())
            for secret in secrets:
                assert len(secret) < 4 or secret.encode() not in content, (path.name, secret)


# -- again


def wide_registers() -> list[str]:
    """What numpy would use of this processor that others do not have."""
    from numpy._core._multiarray_umath import __cpu_features__ as features

    return [name for name in ("X86_V4", "AVX512_ICL", "AVX512_SPR") if features.get(name)]


ELSEWHERE = {
    "one_core": {
        "PYTHONPATH": "one_core",
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Kathmandu",
        "LANG": "ar_SA.UTF-8",
        "LC_ALL": "de_DE.UTF-8",
        "HOME": "nowhere",
        "USER": "x",
    },
    "threads_on_another_processor": {
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": ",".join(wide_registers()),
        "PYTHONHASHSEED": "0",
        "TZ": "America/New_York",
        "LANG": "C",
        "LC_ALL": "C",
    },
}
"""Other surroundings, as many at a time as go together: none of them may change a byte. With one core the engine has one thread, and there are no workers. A
processor without wide registers sums in another order.
"""


@pytest.mark.parametrize("name", ELSEWHERE)
def test_the_same_input_gives_the_same_bytes_elsewhere(first: tuple[Ran, Path], shop: Path, tmp_path: Path, name: str):
    (tmp_path / "one_core").mkdir()
    (tmp_path / "one_core" / "sitecustomize.py").write_text("import os\nos.cpu_count = lambda: 1\n", encoding="utf-8")
    env = {
        key: value.replace("one_core", f"{tmp_path / 'one_core'}{os.pathsep}{ROOT}")
        for key, value in ELSEWHERE[name].items()
    }
    said = called("run", shop, "--no-pdf", *FAST, "-o", "there", "-q", cwd=tmp_path, env=env)
    assert (said.code, said.err) == (0, "")
    one, other = (first[1] / "latest").resolve(), (tmp_path / "there" / "latest").resolve()
    assert one.name == other.name
    assert differences(one, other) == []


def test_the_comparison_of_runs_sees_one_byte_and_one_file(first: tuple[Ran, Path], tmp_path: Path):
    run = (first[1] / "latest").resolve()
    shutil.copytree(run, tmp_path / "copy")
    assert differences(run, tmp_path / "copy") == []
    (tmp_path / "copy" / "facts.json").write_text("{}", encoding="utf-8")
    (tmp_path / "copy" / "more.txt").write_text("", encoding="utf-8")
    assert differences(run, tmp_path / "copy") == ["facts.json", "more.txt"]


def test_a_finished_run_needs_force_and_force_makes_the_same(first: tuple[Ran, Path], shop: Path):
    said, output = first
    before = (output / "latest" / "report.html").read_bytes()
    again = called_here("run", shop, "--no-pdf", *FAST, cwd=output.parent)
    assert again.code == 2
    assert "is there already" in again.err
    assert "--force" in again.err
    assert str(Path("output") / (output / "latest").resolve().name) in again.err
    forced = called("run", shop, "--no-pdf", "--force", "-v", *FAST, cwd=output.parent)
    assert (forced.code, forced.out) == (0, said.out)
    assert (output / "latest" / "report.html").read_bytes() == before
    assert len(names(output)) == 4


def test_verbose_tells_stages_and_titles(first: tuple[Ran, Path], facts: dict[str, Any]):
    rows = sum(each["read"] for each in facts["tables"].values())
    assert re.search(rf"^Reading shop.xlsx: {rows:,} rows in \d+\.\d s.*, peak [\d,]+ MiB$", first[0].err, re.MULTILINE)
    assert re.search(rf"^Checking every row: {rows:,} rows in ", first[0].err, re.MULTILINE)
    assert all(f"  {title}\n" in first[0].out for title in facts["titles"])


def test_python_gives_what_the_command_gives(shop: Path, tmp_path: Path, first: tuple[Ran, Path]):
    config, origins = reporter.load_config(None, FAST[1::2], {"output.pdf": ("--no-pdf", False)})
    outputs = reporter.run(shop, config, output=tmp_path / "out", origins=origins)
    run = (first[1] / "latest").resolve()
    assert outputs.folder == tmp_path / "out" / run.name
    assert sorted(outputs.paths) == sorted(
        path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file()
    )
    for name in ("report.html", "facts.json", "customers.csv", "segments.xlsx"):
        assert outputs.paths[name].read_bytes() == (run / name).read_bytes(), name
    analysis = reporter.analyse(shop, config)
    assert analysis.customers.equals(outputs.analysis.customers)
    assert reporter.check(shop, config).tallies == analysis.ledger.tallies


# -- check


def test_check_tells_the_accounts_and_writes_nothing(shop: Path, tmp_path: Path):
    said = called("check", shop, cwd=tmp_path)
    assert said.code == 0
    line = next(line for line in said.out.splitlines() if line.startswith("transactions "))
    assert line.split()[1:4] == [str(READ), str(READ - REJECTED), str(REJECTED)]
    assert list(tmp_path.iterdir()) == []


def test_check_writes_two_files_where_it_is_told(
    shop: Path, tmp_path: Path, facts: dict[str, Any], first: tuple[Ran, Path]
):
    said = called_here("check", shop, "-o", "checked", "--json", cwd=tmp_path)
    assert names(tmp_path / "checked") == ["facts.json", "rejects.csv"]
    found = json.loads((tmp_path / "checked" / "facts.json").read_text(encoding="utf-8"))
    assert json.loads(said.out) == found
    assert {name: found[name] for name in ("mode", "as_of", "rows", "tables")} == {
        name: facts[name] for name in ("mode", "as_of", "rows", "tables")
    }
    assert (tmp_path / "checked" / "rejects.csv").read_bytes() == (first[1] / "latest" / "rejects.csv").read_bytes()
    assert called_here("check", shop, "-o", first[1] / "latest", cwd=tmp_path).code == 2


# -- input that cannot be used


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.xlsx", None, "none.xlsx"),
        ("empty.csv", b"", "empty.csv"),
        ("header.csv", b"order_id,customer_id,order_date,amount\n", "header.csv"),
        ("damaged.xlsx", b"PK\x03\x04 and no more", "damaged.xlsx"),
        ("strange.csv", b"a,b\n1,2\n", "strange.csv"),
    ],
)
def test_unusable_input_is_code_3_and_leaves_nothing(tmp_path: Path, name: str, content: bytes | None, said: str):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    before = names(tmp_path)
    ran = called_here("run", name, "--no-pdf", cwd=tmp_path)
    assert ran.code == 3, ran.err
    assert said in ran.err
    assert ran.out == ""
    assert names(tmp_path) == before


# -- the PDF


def without_pango(folder: Path) -> dict[str, str]:
    """An environment in which WeasyPrint finds no Pango: as there, it talks on standard output and raises OSError."""
    (folder / "stub").mkdir()
    stub = "print('WeasyPrint could not import some external libraries.')\nraise OSError('cannot load library libgobject-2.0-0')\n"
    (folder / "stub" / "weasyprint.py").write_text(stub, encoding="utf-8")
    return {"PYTHONPATH": f"{folder / 'stub'}{os.pathsep}{ROOT}"}


def test_without_its_library_a_demanded_pdf_is_code_4_and_leaves_nothing(orders: Path, tmp_path: Path):
    said = called("run", orders, "--pdf", *BRIEF, "-o", "out", cwd=tmp_path, env=without_pango(tmp_path))
    assert said.code == 4
    assert "Pango" in said.err
    assert said.out == ""
    assert names(tmp_path) == ["stub"]


def test_without_its_library_all_the_rest_is_made_with_one_clear_message_and_json_is_one_document(
    shop: Path, tmp_path: Path, facts: dict[str, Any]
):
    said = called("run", shop, "--json", *FAST, cwd=tmp_path, env=without_pango(tmp_path))
    assert said.code == 0, said.err
    assert said.err.count("No PDF: ") == 1
    found = json.loads(said.out)
    assert "report.pdf" not in found["outputs"]
    assert {"report.html", "facts.json", "manifest.json"} <= set(found["outputs"])
    assert "Pango" in found["no_pdf"]
    assert found["folder"] == f"output/{found['run_id']}"
    assert all((tmp_path / found["folder"] / name).is_file() for name in found["outputs"])
    assert {name: found[name] for name in ("titles", "rows", "customers")} == {
        name: facts[name] for name in ("titles", "rows", "customers")
    }
    assert (found["verdict"], found["findings"]) == (facts["clustering"]["verdict"], facts["tables"])
    timings = json.loads((tmp_path / found["folder"] / "manifest.json").read_text(encoding="utf-8"))["timings"]
    assert {name: found[name] for name in timings} == timings
    assert set(timings) == {"stages", "stage_peak_memory_mib", "peak_memory_mib"}


def test_the_pdf_is_made_where_it_can_be_and_is_the_same_elsewhere(orders: Path, tmp_path: Path):
    """Three chapters with tables, pictures and lists: that all pages are the same elsewhere is told by their HTML above."""
    chapters = ("--set", "report.sections=summary,segments,quality")
    pytest.importorskip("weasyprint", reason="needs WeasyPrint", exc_type=ImportError)
    said = called("run", orders, "--pdf", *FAST, *chapters, cwd=tmp_path)
    assert said.code == 0, said.err
    run = (tmp_path / "output" / "latest").resolve()
    assert (run / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert "report.pdf\n" in said.out
    assert "pdf" in json.loads((run / "manifest.json").read_text(encoding="utf-8"))["timings"]["stages"]
    assert damage(run) == []
    there = ELSEWHERE["threads_on_another_processor"]
    again = called("run", orders, "--pdf", *FAST, *chapters, "-o", "there", cwd=tmp_path, env=there)
    assert again.code == 0, again.err
    assert differences(run, (tmp_path / "there" / "latest").resolve()) == []
