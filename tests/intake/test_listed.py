"""A list of ids: read as written, and refused where it is something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from reporter.errors import InputError
from reporter.intake.listed import read_ids


def test_ids_are_read_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("\ufeffcustomer_id\r\n0042\r\n\r\n  C,7 \r\ncustomer_id\r\n".encode())
    assert read_ids(path) == {"0042", "C,7", "customer_id"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"one\nid\tname\n", "line 2"),
        (b"x" * 2_000, "line 1"),
        (b"a\x00b", "line 1"),
    ],
)
def test_what_is_no_list_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"list\.txt") as raised:
        read_ids(path)
    assert said in str(raised.value)
    with pytest.raises(InputError, match="cannot be read"):
        read_ids(tmp_path / "nowhere.txt")
