"""Stages, provenance and what stops a run before it begins."""

from __future__ import annotations

import errno
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from reporter.config import load_config
from reporter.errors import InputError, ResourceError
from reporter.intake.ledger import SourceFile
from reporter.meter import MIB
from reporter.provenance import manifest_of, origins_of, provenance_line, requirements, run_id_of, said
from reporter.settings import Config, every_setting
from reporter.stages import Stage, Stages, shortage_of


@dataclass(frozen=True, slots=True)
class Facts:
    """What provenance reads of a ledger."""

    as_of: date = date(2024, 7, 1)
    files: tuple[SourceFile, ...] = (SourceFile("shop.xlsx", 17, "ab" * 32),)
    pseudonyms: None = None


# -- stages


def test_stages_are_told_when_they_begin_and_end_and_are_timed_in_order():
    told: list[Stage] = []
    stages = Stages(told.append)
    with stages("read", "Reading"):
        assert [(stage.name, stage.seconds) for stage in told] == [("read", None)]
    with stages("clean", "Checking"):
        pass
    assert list(stages.seconds) == ["read", "clean"]
    assert [(stage.name, stage.seconds is None) for stage in told] == [
        ("read", True),
        ("read", False),
        ("clean", True),
        ("clean", False),
    ]
    assert all(seconds >= 0 for seconds in stages.seconds.values())
    assert [stage.seconds for stage in told[1::2]] == list(stages.seconds.values())
    assert [stage.peak_mib for stage in told] == [None, stages.peaks_mib["read"], None, stages.peaks_mib["clean"]]


def test_a_stage_tells_its_rows_at_the_beginning_on_the_way_or_at_the_end():
    told: list[Stage] = []
    stages = Stages(told.append)
    with stages("clean", "Checking", rows=7):
        pass
    with stages("read", "Reading") as step:
        step.add(3)
        step.add(2)
        step.rows = 6
    with stages("write", "Writing") as step:
        step.add(4)
    with stages("draw", "Drawing"):
        pass
    assert [(stage.name, stage.rows, stage.done) for stage in told if stage.seconds is None] == [
        ("clean", 7, None),
        ("read", None, None),
        ("read", None, 3),
        ("read", None, 5),
        ("write", None, None),
        ("write", None, 4),
        ("draw", None, None),
    ]
    assert [stage.rows for stage in told if stage.seconds is not None] == [7, 6, 4, None]


def test_the_timings_are_seconds_and_peaks_by_stage_and_the_peak_of_all():
    stages = Stages()
    with stages("read", "Reading"):
        block = b"x" * 100 * MIB
    del block
    with stages("clean", "Checking"):
        pass
    timings = stages.timings()
    assert list(timings) == ["stages", "stage_peak_memory_mib", "peak_memory_mib"]
    assert list(timings["stages"]) == list(timings["stage_peak_memory_mib"]) == ["read", "clean"]
    assert timings["peak_memory_mib"] == max(timings["stage_peak_memory_mib"].values())
    assert Stages().timings() == {"stages": {}, "stage_peak_memory_mib": {}, "peak_memory_mib": None}


def test_a_stage_that_fails_has_no_time_and_its_fault_passes_through():
    stages = Stages()
    with pytest.raises(InputError), stages("read", "Reading"):
        raise InputError([])
    assert stages.seconds == {}


class OutOfMemoryException(Exception):  # noqa: N818 (named as the engine names it)
    pass


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (MemoryError(), "memory ran out"),
        (OutOfMemoryException(), "memory ran out"),
        (OSError(errno.ENOSPC, "full"), "disk is full"),
        (OSError(errno.EFBIG, "too large"), "disk is full"),
        (RuntimeError(OSError(errno.ENOSPC, "full")), "disk is full"),
        (RuntimeError("could not write: No space left on device"), "disk is full"),
    ],
    ids=repr,
)
def test_a_shortage_names_the_stage_and_what_ran_out(error: Exception, what: str):
    with pytest.raises(ResourceError) as caught, Stages()("cluster", "Scoring customers"):
        raise error
    (problem,) = caught.value.problems
    assert problem.where == "Scoring customers"
    assert what in problem.what
    assert problem.fix


def test_other_faults_are_no_shortage():
    for error in (KeyError("x"), OSError(errno.EACCES, "refused"), RuntimeError("memory")):
        assert shortage_of(error, "x") is None


# -- provenance


def test_the_run_id_follows_content_settings_and_as_of_but_not_names_engine_memory_or_folder():
    ledger, config = Facts(), Config()
    name = run_id_of(ledger, config)
    renamed = replace(ledger, files=(SourceFile("other.xlsx", 17, "ab" * 32),))
    elsewhere = replace(config, engine="duckdb", memory="4GB", output=replace(config.output, dir="/somewhere/else"))
    assert run_id_of(renamed, config) == run_id_of(ledger, elsewhere) == name
    others = {
        run_id_of(replace(ledger, files=(SourceFile("shop.xlsx", 17, "ac" * 32),)), config),
        run_id_of(replace(ledger, as_of=date(2024, 7, 2)), config),
        *(
            run_id_of(ledger, load_config(overrides=[each])[0])
            for each in ("cluster.seed=1", "output.pdf=false", "source.columns.amount=x")
        ),
    }
    assert len(others | {name}) == 6


def test_a_file_among_the_settings_counts_by_its_content_and_is_told_by_its_name(tmp_path: Path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "grid.csv").write_text("segment,cells\n", encoding="utf-8")
    configs = [load_config(overrides=[f"rfm.grid={tmp_path / folder / 'grid.csv'}"])[0] for folder in ("one", "two")]
    assert run_id_of(Facts(), configs[0]) == run_id_of(Facts(), configs[1])
    assert said(configs[0])["rfm.grid"]["file"] == "grid.csv"
    (tmp_path / "two" / "grid.csv").write_text("segment,cells\nall,\n", encoding="utf-8")
    assert run_id_of(Facts(), configs[0]) != run_id_of(Facts(), configs[1])


def test_the_manifest_holds_everything_about_a_run_and_no_path(tmp_path: Path):
    (tmp_path / "grid.csv").write_text("segment,cells\n", encoding="utf-8")
    overrides = [f"rfm.grid={tmp_path / 'grid.csv'}", f"output.dir={tmp_path}", "source.columns.amount=Revenue"]
    config, origins = load_config(overrides=overrides)
    manifest = manifest_of(Facts(), "2024-07-01-0123abcd", config, origins)
    assert str(tmp_path) not in str(manifest)
    assert manifest["inputs"] == [{"name": "shop.xlsx", "bytes": 17, "sha256": "ab" * 32}]
    assert manifest["seed"] == 20240715
    assert set(manifest["settings"]) == set(every_setting()) - {"output.dir"}
    assert manifest["settings"]["source.columns"] == {"value": {"amount": "Revenue"}, "origin": {"amount": "--set"}}
    assert manifest["settings"]["cluster.k_max"] == {"value": 10, "origin": "default"}
    assert manifest["settings"]["rfm.grid"]["origin"] == "--set"
    assert manifest["versions"]["packages"].keys() >= {"pandas", "numpy", "duckdb", "weasyprint"}
    assert manifest == manifest_of(Facts(), "2024-07-01-0123abcd", config, origins)


def test_origins_of_a_config_made_in_python_are_arguments():
    config, _ = load_config(overrides=["cluster.k_max=6"])
    origins = origins_of(config)
    assert (origins["cluster.k_max"], origins["cluster.seed"]) == ("argument", "default")


def test_the_footer_names_run_data_seed_and_version():
    line = provenance_line(Facts(), "2024-07-01-0123abcd", Config())
    assert line.startswith("Run 2024-07-01-0123abcd · data ")
    assert line.endswith(" · seed 20240715 · reporter 0.1.0")


def test_requirements_are_the_package_s():
    assert any(each.startswith("pandas") for each in requirements())
    assert any(each.startswith("weasyprint") and "extra" in each for each in requirements())
