"""Own templates: only where a setting names them, in a sandbox, with faults that their author can mend."""

from __future__ import annotations

import html as entities
import json
import subprocess
import sys
from pathlib import Path

import pytest

from reporter.config import load_config
from reporter.document.html import to_html
from reporter.document.templates import check_templates
from reporter.document.tokens import templates_folder
from reporter.errors import UsageError
from tests.command import FAST
from tests.document.sample import sample
from tests.shop import write_shop

POPEN = "{{ cycler.__init__.__globals__.os.popen('touch zq-popen').read() }}"


def own(folder: Path, **files: str) -> str:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/_')}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return str(folder)


def test_an_own_block_replaces_ours_and_the_rest_stays(tmp_path: Path):
    folder = own(tmp_path / "own", blocks__prose="<p class='own'>OWN {{ block.paragraphs|length }}</p>")
    told, plain = to_html(sample(), folder), to_html(sample())
    assert "<p class='own'>OWN" in told
    assert "<p class='own'>" not in plain
    assert told.count("<section") == plain.count("<section")


def test_an_own_template_can_include_ours(tmp_path: Path):
    folder = own(tmp_path / "own", _cover='<p>before</p>{% include "reporter/_cover.html" %}')
    told = to_html(sample(), folder)
    assert told.replace("<p>before</p>", "", 1) == to_html(sample())


def test_names_from_the_data_stay_names_in_own_templates(tmp_path: Path):
    folder = own(tmp_path / "own", _cover="<h1>{{ document.cover.title }}</h1>")
    from dataclasses import replace

    document = sample()
    payload = f"<script>x</script>{{{{7*7}}}}{POPEN}"
    told = to_html(replace(document, cover=replace(document.cover, title=payload)), folder)
    assert f"<h1>{entities.escape(payload, quote=False)}".split("cycler")[0] in told.replace("&#39;", "'")
    assert "<script>x" not in told


@pytest.mark.parametrize(
    "payload",
    [
        POPEN,
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ document.sections.__class__ }}",
        "{% for i in range(1000000000) %}{% endfor %}",
        "{{ '{0.__class__}'.format(document) }}",
        "{{ document.palette.update({'x': 1}) }}",
    ],
)
def test_what_leads_out_of_the_sandbox_is_refused(payload: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    folder = own(tmp_path / "own", _cover=f"first\n{payload}")
    with pytest.raises(UsageError) as caught:
        to_html(sample(), folder)
    (problem,) = caught.value.problems
    assert problem.where == "report.templates, _cover.html, line 2"
    assert problem.fix
    assert not (tmp_path / "zq-popen").exists()


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("one\n{% if %}", "_cover.html, line 2", "Expected an expression"),
        ("one\ntwo\n{{ nothing.there }}", "_cover.html, line 3", "'nothing' is undefined"),
        ("{{ document.cover.nothing }}", "_cover.html, line 1", "nothing"),
        ("{{ document.cover.title|nofilter }}", "_cover.html, line 1", "nofilter"),
        ('one\n{% include "gone.html" %}', "_cover.html, line 2", "gone.html"),
        ("{{ 1 / 0 }}", "_cover.html, line 1", "division by zero"),
    ],
)
def test_a_fault_names_file_and_line(text: str, where: str, what: str, tmp_path: Path):
    folder = own(tmp_path / "own", _cover=text)
    with pytest.raises(UsageError) as caught:
        to_html(sample(), folder)
    assert where in str(caught.value)
    assert what in str(caught.value)


def test_a_fault_of_form_is_told_before_anything_is_rendered(tmp_path: Path):
    with pytest.raises(UsageError, match=r"_cover\.html, line 2: Expected an expression"):
        check_templates(own(tmp_path / "own", _cover="one\n{% if %}"), templates_folder())


def test_a_missing_or_empty_folder_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="there is no folder"):
        load_config(overrides=[f"report.templates={tmp_path / 'none'}"])
    with pytest.raises(UsageError, match="there is no folder"):
        check_templates(str(tmp_path / "none"), templates_folder())
    with pytest.raises(UsageError, match=r"holds no \.html"):
        check_templates(str(tmp_path), templates_folder())


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path):
    (tmp_path / "secret.html").write_text("root:x:0", encoding="utf-8")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "_cover.html").symlink_to(tmp_path / "secret.html")
    for attempt in (
        lambda: check_templates(str(tmp_path / "own"), templates_folder()),
        lambda: to_html(sample(), str(tmp_path / "own")),
    ):
        with pytest.raises(UsageError, match="leads out of its folder"):
            attempt()


def test_a_path_out_of_the_folder_is_not_found(tmp_path: Path):
    (tmp_path / "secret.html").write_text("root:x:0", encoding="utf-8")
    folder = own(tmp_path / "own", _cover='{% include "../secret.html" %}')
    with pytest.raises(UsageError, match="secret"):
        to_html(sample(), folder)


def test_the_command_tells_a_fault_before_any_work_and_without_a_traceback(tmp_path: Path):
    folder = own(tmp_path / "own", _cover="{% if %}")
    arguments = [
        "run",
        str(write_shop(tmp_path / "shop.xlsx")),
        "-o",
        str(tmp_path / "out"),
        "--set",
        f"report.templates={folder}",
    ]
    done = subprocess.run([sys.executable, "-m", "reporter", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "report.templates, _cover.html, line 1" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_own_templates_count_among_what_a_report_was_made_from(tmp_path: Path):
    from reporter.provenance import said

    folders = [own(tmp_path / name / "own", _cover=text) for name, text in (("a", "x"), ("b", "x"), ("c", "y"))]
    told = [said(load_config(overrides=[f"report.templates={folder}"])[0])["report.templates"] for folder in folders]
    assert told[0] == told[1] != told[2]
    assert str(tmp_path) not in json.dumps(told)


def test_templates_beside_the_input_are_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from reporter.pipeline import run

    monkeypatch.chdir(tmp_path)
    own(tmp_path / "templates", _cover="STRANGER")
    folder = run(
        write_shop(tmp_path / "shop.xlsx"),
        load_config(overrides=[*FAST[1::2], "output.pdf=false"])[0],
        output=tmp_path / "out",
    ).folder
    assert "STRANGER" not in (folder / "report.html").read_text(encoding="utf-8")
