"""Every how-to guide is tried word for word, in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pytest

import reporter
from tests.command import ROOT
from tests.pages import steps, untried, walk

GUIDES = ROOT / "docs" / "how-to"
NAMES = ("big-data", "brand-it", "map-my-columns", "plan-and-measure-a-campaign", "schedule-and-mail-it", "spark")
ALONE = {"map-my-columns", "brand-it", "plan-and-measure-a-campaign"}
"""Those that need nothing but the program."""


def text(name: str) -> str:
    """A guide."""
    return (GUIDES / f"{name}.md").read_text(encoding="utf-8")


def test_these_are_all_guides() -> None:
    assert tuple(sorted(path.stem for path in GUIDES.glob("*.md"))) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_no_block_is_left_untried(name: str) -> None:
    assert [block for block in untried(text(name)) if not block.startswith("./dev setup")] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_guide_says_what_one_sees_and_what_goes_wrong(name: str) -> None:
    guide = text(name)
    assert "## 1. " in guide
    assert "## What goes wrong" in guide
    assert {"ends", "says"} <= {kind for kind, _, _ in steps(guide)}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ALONE))
def test_a_guide_is_true_word_for_word(name: str, tmp_path: Path) -> None:
    walk(text(name), tmp_path)


@pytest.mark.slow
def test_mail_is_sent_as_the_guide_says(tmp_path: Path) -> None:
    from tests.delivery.smtp_server import PASSWORD, USER, Behaviour, certificate, serving

    (tmp_path / "server").mkdir()
    own = certificate(tmp_path / "server")
    with ExitStack() as stack:
        server = stack.enter_context(serving(own, Behaviour()))
        places = {"smtp.example.org": "localhost", "'reports'": f"'{USER}'", "a password of yours": PASSWORD}
        environment = {"SSL_CERT_FILE": str(own.file), "REPORTER_SMTP_PORT": str(server.port)}
        walk(text("schedule-and-mail-it"), tmp_path, environment, places)
        assert len(server.delivered) == 2


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The address of a database with the orders of the invented shop."""
    pytest.importorskip("adbc_driver_postgresql", reason="the extra postgres is not installed")
    from tests.postgres import programs, running

    if (binaries := programs()) is None:
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    with running(binaries) as server:
        url = server.fresh("shop")
        server.fill("shop", "orders", pa.Table.from_pandas(reporter.sample(), preserve_index=False))
        yield url


@pytest.mark.slow
def test_the_guide_to_big_data_is_true(database: str, tmp_path: Path) -> None:
    walk(text("big-data"), tmp_path, places={"postgres://me@localhost:5432/shop": database})
