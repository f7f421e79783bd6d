"""Settings: who wins, who is refused, and how the refusal reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from reporter.config import load_config
from reporter.config_checks import checked
from reporter.errors import UsageError
from reporter.reference import EXAMPLES, settings_schema, settings_text, template
from reporter.settings import READER_KEYS, Config, every_setting, memory_bytes, setting_of
from tests.command import ROOT


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(text: str, name: str = "reporter.toml") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def faults(text: str = "", *overrides: str, **flags: tuple[str, object]) -> list[str]:
    """What is said about a file and overrides; each problem as one text."""
    path = written(text) if text else None
    with pytest.raises(UsageError) as caught:
        load_config(path, overrides, {name.replace("__", "."): flag for name, flag in flags.items()})
    return [str(problem) for problem in caught.value.problems]


def test_nothing_said_is_all_defaults():
    config, origins = load_config()
    assert config == Config()
    assert set(origins.values()) == {"default"}
    assert set(origins) == set(every_setting())


def test_a_flag_wins_over_set_and_set_over_the_file_and_the_file_over_the_default():
    written("[cluster]\nk_max = 4\nseed = 1\neffect = 0.1\n[source]\nas_of = 2024-01-01\n")
    config, origins = load_config(
        overrides=["cluster.k_max=5", "source.as_of=2024-02-02", "cluster.seed=2"],
        flags={"source.as_of": ("--as-of", "2024-03-03")},
    )
    assert config.source.as_of == date(2024, 3, 3)
    assert (config.analysis.cluster.k_max, config.analysis.cluster.seed) == (5, 2)
    assert (config.analysis.cluster.effect, config.analysis.cluster.stability) == (0.1, 0.8)
    said = {name: origins[f"cluster.{name}"] for name in ("k_max", "effect", "stability")}
    assert said == {"k_max": "--set", "effect": "file", "stability": "default"}
    assert origins["source.as_of"] == "flag"


def test_the_later_of_two_sets_wins():
    assert load_config(overrides=["cluster.k_max=5", "cluster.k_max=6"])[0].analysis.cluster.k_max == 6


@pytest.mark.parametrize(
    ("override", "setting", "value"),
    [
        ("source.as_of=2024-07-01", "source.as_of", date(2024, 7, 1)),
        ("source.decimal=,", "source.decimal", ","),
        ('source.delimiter=";"', "source.delimiter", ";"),
        ('source.delimiter="\\t"', "source.delimiter", "\t"),
        ("source.header_row=4", "source.header_row", 4),
        ("source.layout=", "source.layout", None),
        ("source.sheet=2024", "source.sheet", "2024"),
        ("source.sheet=Txns 2024 = all", "source.sheet", "Txns 2024 = all"),
        ("report.title=2024-07-01", "report.title", "2024-07-01"),
        ("report.title=true", "report.title", "true"),
        ("features.exclude=tenure_days, burn_rate", "features.exclude", ("tenure_days", "burn_rate")),
        ('features.exclude=["tenure_days"]', "features.exclude", ("tenure_days",)),
        ("features.exclude=[]", "features.exclude", ()),
        ("source.columns.customer_id=CustomerID", "source.columns", {"customer_id": "CustomerID"}),
        ("source.columns.customer_id=17", "source.columns", {"customer_id": "17"}),
        ("cluster.effect=1", "cluster.effect", 1.0),
        ("output.pdf=false", "output.pdf", False),
        ("output.pdf=auto", "output.pdf", "auto"),
        (" engine =duckdb", "engine", "duckdb"),
        ("report.accent_colour=#0b5a3c", "report.accent_colour", "#0b5a3c"),
        ("report.sections=quality, summary", "report.sections", ("quality", "summary")),
    ],
)
def test_set_reads_values_as_toml_and_texts_without_quotes(override: str, setting: str, value: object):
    config, _ = load_config(overrides=[override])
    found = every_setting()[setting].value(config)
    assert found == value
    assert type(found) is type(value)


def test_columns_of_file_and_command_line_are_merged_key_by_key():
    written('[source.columns]\ncustomer_id = "A"\namount = "B"\n')
    config, origins = load_config(overrides=["source.columns.amount=C"])
    assert config.source.columns == {"customer_id": "A", "amount": "C"}
    assert origins["source.columns.customer_id"] == "file"
    assert origins["source.columns.amount"] == "--set"


def test_an_empty_table_is_no_setting_given_twice():
    written("[source.columns]\n[rfm]\n")
    assert load_config(overrides=["source.columns.amount=C"])[0].source.columns == {"amount": "C"}


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ('[source]\ndate_ordre = "dmy"', "reporter.toml, [source] date_ordre", "Did you mean date_order?"),
        ("[cluster]\ndate_order = 1", "reporter.toml, [cluster] date_order", "Did you mean source.date_order?"),
        ("[clutser]\nk_max = 3", "reporter.toml, [clutser] k_max", "Did you mean cluster.k_max?"),
        ("[analysis.rfm]\ngrid = 'eleven'", "reporter.toml, [analysis.rfm] grid", "Did you mean rfm.grid?"),
        ("engin = 'duckdb'", "reporter.toml, engin", "Did you mean engine?"),
        ("source = 3", "reporter.toml, source", "Write [source]"),
        ("[qqq]\nzzz = 1", "reporter.toml, [qqq] zzz", "`reporter schema` lists"),
    ],
)
def test_an_unknown_name_is_refused_with_its_place_and_the_nearest_one(text: str, place: str, advice: str):
    (fault,) = faults(text)
    assert fault.startswith(f"{place}: ")
    assert advice in fault


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("source.date_order=dym", '"dym" is not one of "dmy", "mdy", "ymd". Did you mean "ymd"?'),
        ("source.as_of=2024-13-01", '"2024-13-01" does not fit. Write a date such as 2024-07-01.'),
        ("cluster.k_max=true", "true does not fit. Write a whole number."),
        ("cluster.k_max=2.5", "2.5 does not fit. Write a whole number."),
        ("cluster.k_max=1", "1 is out of range. Write a number from 2 to 30."),
        ("cluster.effect=nan", "nan is out of range."),
        ("cluster.effect=much", '"much" does not fit. Write a number.'),
        ("features.include=[1, 2]", 'Write a list of texts such as ["one", "two"].'),
        ("source.columns=3", "Write a table [source.columns]"),
        ("source.encoding=utf-99", "Name an encoding such as"),
        ("source.encoding=base64", "Name an encoding such as"),
        ("source.delimiter=||", "Write one character"),
        ("source.currency=euro", "ISO 4217"),
        ("report.locale=zz", "Write a locale such as"),
        ("report.locale=de-AT", "Write a locale such as"),
        ("rfm.grid=my.csv", "there is no file “my.csv”"),
        ("report.playbook=none.toml", "there is no file “none.toml”"),
        ("report.logo=none.svg", "there is no file “none.svg”"),
        ("report.logo=.", "there is no file “.”"),
        ("report.edition=breif", '"breif" is not one of "full", "brief". Did you mean "brief"?'),
        ("report.paper=A5", '"A5" is not one of "A4", "letter".'),
        ("report.sections=summary, custmers", "There is no chapter “custmers”. Did you mean customers?"),
        (
            "report.sections=summary, appendix",
            "There is no chapter “appendix”. The chapters are summary, customers, rfm",
        ),
        ("report.sections=rfm, rfm", "Name each chapter once: rfm is there twice."),
        ("report.sections=[]", "Name at least one of summary, customers"),
        ("report.accent_colour=orange", "Write a colour as six hex digits"),
        ("output.pdf=yes", 'is not one of "auto", true, false'),
        ("nonsense", "Write it as section.key=value."),
    ],
)
def test_an_impossible_value_is_refused_once_with_what_to_write(override: str, said: str):
    (fault,) = faults("", override)
    assert fault.startswith(f"--set {override.partition('=')[0]}: ")
    assert said in fault


def test_a_flag_is_named_as_the_user_typed_it():
    (fault,) = faults("", source__as_of=("--as-of", "yesterday"))
    assert fault.startswith("--as-of: ")


def test_all_faults_are_told_at_once():
    told = faults("[source]\ndate_ordre = 'dmy'\n[cluster]\nk_max = 'many'", "nix", "cluster.sed=1")
    assert [fault.partition(": ")[0] for fault in told] == [
        "--set nix",
        "reporter.toml, [source] date_ordre",
        "--set cluster.sed",
        "reporter.toml, [cluster] k_max",
    ]


def test_broken_toml_names_file_and_line():
    (fault,) = faults("[source\n")
    assert fault.startswith("reporter.toml: is not valid TOML")
    assert "line 1" in fault


def test_a_named_file_must_be_there_but_the_default_one_need_not():
    load_config()
    with pytest.raises(UsageError, match=r"other\.toml: cannot be read"):
        load_config("other.toml")


def test_a_byte_order_mark_is_no_fault():
    Path("reporter.toml").write_bytes(b"\xef\xbb\xbf[cluster]\nk_max = 4\n")
    assert load_config()[0].analysis.cluster.k_max == 4


def test_paths_start_at_the_configuration_file_or_at_the_working_folder():
    written("customers", "shop/grid.csv")
    path = written('[rfm]\ngrid = "grid.csv"\n[output]\ndir = "reports"\n', "shop/own.toml")
    config, _ = load_config(path)
    assert (config.analysis.rfm.grid, config.output.dir) == (str(Path("shop/grid.csv")), str(Path("shop/reports")))
    assert load_config(path, ["output.dir=here"])[0].output.dir == "here"


def test_a_preset_is_no_path():
    written('[rfm]\ngrid = "r-rfm"\n')
    assert load_config()[0].analysis.rfm.grid == "r-rfm"


def test_every_setting_has_a_meaning_and_a_default_of_its_kind():
    for setting in every_setting().values():
        assert setting.meaning.endswith("."), setting.name
        assert setting.default == setting.value(Config()), setting.name
        assert setting.optional == (setting.default is None), setting.name


def test_every_field_of_every_room_is_a_setting():
    def leaves(value: object) -> int:
        return sum(leaves(getattr(value, each.name)) for each in fields(value)) if is_dataclass(value) else 1

    assert leaves(Config()) == len(every_setting())


def test_a_key_of_a_table_belongs_to_it_and_a_stranger_to_nobody():
    assert setting_of("source.columns.amount").name == "source.columns"
    with pytest.raises(KeyError):
        setting_of("source.amount")


def test_the_template_changes_nothing_and_names_everything():
    written(template())
    assert load_config()[0] == Config()
    assert set(tomllib.loads(template())) == {
        "source",
        "analysis",
        "rfm",
        "features",
        "cluster",
        "replay",
        "backtest",
        "lifetime",
        "campaign",
        "report",
        "output",
        "history",
        "mail",
        "alarms",
        "readers",
    }
    for setting in every_setting().values():
        assert f"#{setting.name.rpartition('.')[2]} = " in template() or setting.is_table, setting.name


def test_the_template_with_every_line_in_force_says_the_defaults_and_the_examples():
    text = "\n".join(line.removeprefix("#") if line[1:2] != " " else line for line in template().splitlines())
    written(text)
    config, origins = load_config()
    assert "default" not in {origin for name, origin in origins.items() if not setting_of(name).is_table}
    for name, setting in every_setting().items():
        if setting.default is not None and not setting.is_table:
            assert setting.value(config) == setting.default, name
    assert config.source.as_of == date.fromisoformat(EXAMPLES["source.as_of"])
    assert config.source.columns == {"customer_id": "CustomerID"}


def test_the_schema_knows_every_setting_with_default_and_limits():
    schema = settings_schema()
    json.dumps(schema)
    for setting in every_setting().values():
        branch = schema
        for part in setting.name.split("."):
            assert (branch["additionalProperties"] is False) != ("readers" in branch.get("title", ""))
            branch = branch["additionalProperties"] if part == "NAME" else branch["properties"][part]
        if setting.name == "readers.NAME":
            assert set(branch["properties"]) == set(READER_KEYS)
            continue
        assert branch["description"] == setting.meaning
    seed = schema["properties"]["cluster"]["properties"]["seed"]
    assert (seed["type"], seed["default"], seed["minimum"]) == ("integer", 20240715, 0)


def test_the_list_of_settings_names_each_with_its_default():
    text = settings_text()
    assert all(name in text for name in every_setting())
    assert "cluster.k_max = 10" in text


# -- memory


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", None),
        (" ", None),
        ("4GB", 4 * 10**9),
        ("1.5 GiB", 3 * 2**29),
        ("800MB", 8 * 10**8),
        ("256MB", 256 * 10**6),
        ("0.5 tb", 5 * 10**11),
        ("262144KiB", 2**28),
        (" 2gib ", 2**31),
    ],
)
def test_memory_is_a_number_with_its_unit(text: str, count: int | None):
    assert memory_bytes(load_config(overrides=[f"memory={text}"])[0]) == count
    assert memory_bytes(load_config(written(f'memory = "{text}"\n'))[0]) == count
    assert memory_bytes(Config(memory=text)) == count


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("much", "Write a number and its unit, such as 4GB"),
        ("4", "Write a number and its unit"),
        ("4G", "Write a number and its unit"),
        ("-4GB", "Write a number and its unit"),
        ("4,5GB", "Write a number and its unit"),
        ("nanGB", "Write a number and its unit"),
        ("1e3GB", "Write a number and its unit"),
        ("٤GB", "Write a number and its unit"),
        ("0GB", "It is less than 256MB"),
        ("255.9MB", "It is less than 256MB"),
        ("99999TB", "It is more than 1000TB"),
    ],
)
def test_memory_that_no_run_can_have_is_refused_with_the_reason(text: str, why: str):
    (told,) = faults("", f"memory={text}")
    assert told.startswith("--set memory: ")
    assert why in told
    (told,) = faults(f'memory = "{text}"\n')
    assert told.startswith("reporter.toml, memory: ")
    assert why in told
    with pytest.raises(UsageError, match=why):
        memory_bytes(Config(memory=text))


def test_memory_in_a_file_is_a_text():
    assert faults("memory = 4\n") == ["reporter.toml, memory: 4 does not fit. Write a text in quotes."]


PLAIN = """
import sys
from reporter.config import load_config

config, origins = load_config(None, ["source.currency=USD", "report.organisation=A shop"], {"output.dir": ("--output", "there")})
assert "pydantic" not in sys.modules
print(config.source.currency, config.report.organisation, config.output.dir, origins["output.dir"], sep="|")
load_config(None, ["cluster.k_max=6"])
assert "pydantic" in sys.modules
"""


def test_plain_texts_need_no_look_at_their_type(tmp_path: Path):
    said = subprocess.run(
        [sys.executable, "-c", PLAIN],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (said.stdout, said.stderr) == ("USD|A shop|there|flag\n", "")


def test_bytes_that_are_no_text_are_refused():
    broken = b"\xff".decode(errors="surrogateescape")
    for said in (faults("", f"report.title=A{broken}"), faults("", f'report.sections=["{broken}"]')):
        assert len(said) == 1
        assert said[0].startswith("--set report.")
        assert "holds bytes that are no text. Write it anew in UTF-8." in said[0]


def test_whichever_way_the_settings_are_the_same():
    texts = {name: "2024-07-01" for name, each in every_setting().items() if each.kinds == (str,)}
    given = {name: (text, name) for name, text in texts.items()}
    alone, with_number = checked(given), checked(given | {"cluster.k_max": (6, "--set cluster.k_max=6")})
    assert len(texts) > 10
    assert [str(problem) for problem in alone[1]] == [str(problem) for problem in with_number[1]]
    assert with_number[0] is not None
    cluster = replace(with_number[0].analysis.cluster, k_max=Config().analysis.cluster.k_max)
    assert alone[0] == replace(with_number[0], analysis=replace(with_number[0].analysis, cluster=cluster))
