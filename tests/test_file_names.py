"""Settings, segments and ids name no path: whatever they are called, files lie where they should."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from reporter.config import load_config
from reporter.document.audiences import slugs, write_audiences
from reporter.pipeline import run
from tests.hostile import MARKUP, hostile_shop

NAMES = (
    "../../zq",
    "/etc/zq",
    "a\x00b",
    "x" * 300,
    "CON",
    "con.csv",
    "LPT1",
    "",
    "...",
    ".",
    "~",
    "Ünïcode",
    "ملف",
    "a/b\\c",
    "-rf",
    "$(x)",
    "%2e%2e%2f",
)


@pytest.mark.parametrize("name", NAMES, ids=[repr(name)[:20] for name in NAMES])
def test_a_segment_s_name_steers_no_path(name: str, tmp_path: Path):
    (tmp_path / "run").mkdir()
    customers = pd.DataFrame(
        {"customer_id": ["1"], "segment": [name], "r_score": 1, "f_score": 1, "m_score": 1, "recency_days": 1.0, "frequency": 1, "monetary": 1.0}
    )  # fmt: skip
    written = write_audiences(customers, tmp_path / "run", {})
    (path,) = written.values()
    assert path.resolve().parent == (tmp_path / "run" / "audiences").resolve()
    assert re.fullmatch(r"[a-z0-9-]{1,60}\.csv", path.name)
    assert path.stem not in {"con", "lpt1"}
    assert [each.name for each in tmp_path.iterdir()] == ["run"]


def test_all_names_together_have_their_own_files():
    assert len(set(slugs(NAMES).values())) == len(set(NAMES))


def test_a_planted_link_is_replaced_not_followed(tmp_path: Path):
    victim = tmp_path / "victim.txt"
    victim.write_text("mine", encoding="utf-8")
    (tmp_path / "run" / "audiences").mkdir(parents=True)
    (tmp_path / "run" / "audiences" / "loyal.csv").symlink_to(victim)
    customers = pd.DataFrame(
        {"customer_id": ["1"], "segment": ["Loyal"], "r_score": 1, "f_score": 1, "m_score": 1, "recency_days": 1.0, "frequency": 1, "monetary": 1.0}
    )  # fmt: skip
    write_audiences(customers, tmp_path / "run", {})
    assert victim.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "run" / "audiences" / "loyal.csv").is_symlink()


def test_a_run_id_cannot_be_steered_by_settings(tmp_path: Path):
    """Texts of the settings are printed, and name nothing."""
    shop = hostile_shop(tmp_path / "shop", MARKUP[:3], 12)
    overrides = [
        "output.pdf=false",
        "report.title=../../<script>zq</script>",
        "report.organisation=/etc/passwd",
        "report.confidentiality=a\\b",
    ]
    folder = run(shop, load_config(overrides=overrides)[0], output=tmp_path / "out").folder
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-[0-9a-f]{8}", folder.name)
    assert folder.parent == tmp_path / "out"
    assert "<script>zq" not in (folder / "report.html").read_text("utf-8")
