"""Earlier runs and their lists: the latest that fits is found, and what is not as it was written is never believed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from reporter.delivery.earlier import earlier_runs, sent_before
from reporter.delivery.store import open_run
from reporter.document.audiences import write_audiences
from reporter.errors import InputError

JANUARY, FEBRUARY, MARCH = "2026-01-01-0123abcd", "2026-02-01-0123abcd", "2026-03-01-0123abcd"
TODAY = date(2026, 3, 1)


SERIES = frozenset({JANUARY, FEBRUARY, MARCH})


def lists(segment: str, ids: list[str]) -> pd.DataFrame:
    groups = pd.Categorical((["treatment", "control", "excluded"] * len(ids))[: len(ids)])
    return pd.DataFrame(
        {
            "customer_id": ids, "segment": segment, "r_score": 5, "f_score": 4, "m_score": 3, "recency_days": 7,
            "frequency": 2, "monetary": 12.5, "campaign": f"2026-01-01 {segment}", "group": groups,
            "excluded": pd.Categorical([""] * len(ids)), "borderline": pd.Categorical(["tie"] * len(ids)), "certainty": 0.5,
        }
    )  # fmt: skip


def made(root: Path, run_id: str, *, groups: bool = True, **manifest: str) -> Path:
    frame = pd.concat([lists("Loyal", ["c1", "=c2", "'c3", 'c"4,5']), lists("At Risk", ["c6", "c7"])])
    if not groups:
        frame = frame.drop(columns=["campaign", "group", "excluded", "borderline", "certainty"])
    with open_run(root, run_id) as folder:
        write_audiences(frame, folder.path, {"Loyal": "Write"}, ["monetary"], TODAY)
        return folder.publish({"run_id": run_id, "as_of": run_id[:10], **manifest})


def test_members_come_back_as_they_were(tmp_path: Path) -> None:
    made(tmp_path, JANUARY)
    sent, place = sent_before(tmp_path, TODAY, "auto", "", SERIES)
    assert sent is not None
    assert (sent.run_id, sent.as_of, place) == (JANUARY, date(2026, 1, 1), "")
    found = sent.members.set_index("customer_id")
    assert found["group"].to_dict() == {"c1": "treatment", 'c"4,5': "treatment", "=c2": "control", "c6": "treatment", "c7": "control"}  # fmt: skip
    assert found.loc["c6", ["segment", "campaign"]].tolist() == ["At Risk", "2026-01-01 At Risk"]
    assert sent.file.name == f"{JANUARY}/audiences"
    assert sent.file.bytes == sum(path.stat().st_size for path in (tmp_path / JANUARY).glob("audiences/*.csv"))


def test_the_latest_earlier_run_with_groups_is_measured(tmp_path: Path) -> None:
    for run_id, groups in ((JANUARY, True), (FEBRUARY, False), (MARCH, True)):
        made(tmp_path, run_id, groups=groups)
    (tmp_path / "2026-02-15-0123abcd").mkdir()
    (tmp_path / "2026-02-16-0123abcd").mkdir()
    (tmp_path / "2026-02-16-0123abcd" / "manifest.json").write_text("[", encoding="utf-8")
    assert [run.run_id for run in earlier_runs(tmp_path, TODAY)] == [FEBRUARY, JANUARY]
    sent, _ = sent_before(tmp_path, TODAY, "auto", "", SERIES)
    assert sent is not None
    assert sent.run_id == JANUARY
    assert sent_before(tmp_path, TODAY, "off", "", SERIES) == (None, "")
    assert sent_before(tmp_path, date(2026, 1, 1), "auto", "", SERIES) == (None, "")
    assert sent_before(tmp_path / "nowhere", TODAY, "auto", "", SERIES) == (None, "")


def test_a_named_run_is_measured_or_refused(tmp_path: Path) -> None:
    for run_id, groups in ((JANUARY, True), (FEBRUARY, False), (MARCH, True)):
        made(tmp_path, run_id, groups=groups)
    for name in (JANUARY, str(tmp_path / JANUARY)):
        sent, _ = sent_before(tmp_path, TODAY, name, "", SERIES)
        assert sent is not None
        assert sent.run_id == JANUARY
    for name, fault in (
        (FEBRUARY, "have no groups"),
        (MARCH, "is no earlier run"),
        ("nowhere", "no folder of a finished run"),
    ):
        with pytest.raises(InputError, match=fault):
            sent_before(tmp_path, TODAY, name, "", SERIES)


def spoil(list_: Path, run: Path, content: str) -> None:
    """Change a list, and let the manifest say that it was always so."""
    import hashlib

    list_.write_text(content, encoding="utf-8")
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    for each in manifest["outputs"]:
        if each["path"] == f"audiences/{list_.name}":
            each["sha256"] = hashlib.sha256(list_.read_bytes()).hexdigest()
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


HEAD = "customer_id,segment,campaign,group\n"
FAULTS: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "changed": (lambda file, _: file.write_text(file.read_text() + "x\n"), "loyal.csv: was changed"),
    "missing": (lambda file, _: file.unlink(), "loyal.csv: is missing"),
    "a link": (lambda file, run: (file.rename(run / "away"), file.symlink_to(run / "away")), "loyal.csv: is missing"),
    "no group": (lambda file, run: spoil(file, run, HEAD + "c1,Loyal,x,all\n"), "row 2: “all” is no group"),
    "no column": (
        lambda file, run: spoil(file, run, "customer_id,group\nc1,control\n"),
        "has no column segment, campaign",
    ),
    "two columns": (
        lambda file, run: spoil(file, run, "group," + HEAD + "x,c1,Loyal,x,control\n"),
        "column group, or more",
    ),
    "twice": (lambda file, run: spoil(file, run, HEAD + "c6,Loyal,x,control\n"), "the first of them “c6”"),
    "ragged": (lambda file, run: spoil(file, run, HEAD + "c1,Loyal\n"), "loyal.csv: cannot be read"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_not_as_it_was_written_is_named_or_passed_over(tmp_path: Path, fault: str) -> None:
    run = made(tmp_path, JANUARY)
    do, said = FAULTS[fault]
    do(run / "audiences" / "loyal.csv", run)
    with pytest.raises(InputError) as raised:
        sent_before(tmp_path, TODAY, JANUARY, "", SERIES)
    assert said in str(raised.value)
    assert "campaign.measure" in str(raised.value)
    sent, place = sent_before(tmp_path, TODAY, "auto", "", SERIES)
    assert sent is None
    assert place.startswith(JANUARY)


def test_runs_of_another_series_are_not_measured(tmp_path: Path) -> None:
    made(tmp_path, JANUARY)
    assert sent_before(tmp_path, TODAY, "auto", "", {FEBRUARY}) == (None, "")
    assert sent_before(tmp_path, TODAY, JANUARY, "", set())[0] is not None, "who names a run means it"


def test_other_pseudonyms_are_no_ids_of_ours(tmp_path: Path) -> None:
    made(tmp_path, JANUARY, pseudonym_key_check="0011aabb")
    assert sent_before(tmp_path, TODAY, "auto", "0011aabb", SERIES)[0] is not None
    assert sent_before(tmp_path, TODAY, "auto", "", SERIES) == (None, f"run {JANUARY}")
    with pytest.raises(InputError, match="another key"):
        sent_before(tmp_path, TODAY, JANUARY, "ffffffff", SERIES)


def test_a_list_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    run = made(tmp_path, JANUARY)
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    manifest["outputs"] = [{"path": "audiences/../../secret.csv", "sha256": "", "bytes": 1}, 7, {"path": 3}]
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert sent_before(tmp_path, TODAY, "auto", "", SERIES) == (None, "")
