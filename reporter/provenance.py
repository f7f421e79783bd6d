"""What a report was made from, and by what: the run id and the manifest. No path, host or user is in either."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reporter import __version__
from reporter.analysis.assign import campaign_key, key_check
from reporter.config import Origins
from reporter.delivery.settings import ADDRESSES, groups_of
from reporter.delivery.store import digest, name_run, names_content
from reporter.document.settings import ReaderSettings
from reporter.document.templates import template_files
from reporter.settings import READER_KEYS, READERS, Config, every_setting, is_path

if TYPE_CHECKING:
    from reporter.intake.ledger import Ledger, SourceFile

SCHEMA_VERSION = 1


def said(config: Config) -> dict[str, Any]:
    """Every setting with its value, in the form that is hashed and recorded.

    Returns
    -------
    dict of str to JSON value
        Files are told by their name and content: the same run elsewhere is the same run. ``output.dir`` is left out, for it is where you are; addresses of
        people are told by their number.
    """
    values = {name: setting.value(config) for name, setting in every_setting().items() if name != "output.dir"}
    values["campaign.measure"] = Path(str(values["campaign.measure"])).name
    return {name: _told(name, value) for name, value in values.items()}


def _told(name: str, value: Any) -> Any:
    if name in ADDRESSES:
        texts = [text for some in value.values() for text in some] if isinstance(value, dict) else value
        return {"addresses": int(bool(texts)) if isinstance(texts, str) else len(texts)}
    if name == READERS:
        return {edition: _reader(reader) for edition, reader in sorted(value.items())}
    return _file(Path(value)) if is_path(name, value) else _plain(value)


def _reader(reader: ReaderSettings) -> dict[str, Any]:
    """An edition by what it says otherwise than the report."""
    return {key: _file(Path(said)) if key == "logo" else said for key in READER_KEYS if (said := getattr(reader, key))}


def _file(path: Path) -> dict[str, str]:
    """A file by its name and content; a folder of templates by those of all of them."""
    if not path.is_dir():
        return {"file": path.name, "sha256": digest(path)}
    content = "".join(f"{each.relative_to(path).as_posix()}\n{digest(each)}\n" for each in template_files(path))
    return {"folder": path.name, "sha256": sha256(content.encode()).hexdigest()}


def _plain(value: Any) -> Any:
    return (
        list(value) if isinstance(value, tuple) else dict(sorted(value.items())) if isinstance(value, dict) else value
    )


def run_id_of(ledger: Ledger, config: Config, earlier: Sequence[SourceFile] = ()) -> str:
    """The name of a run: as-of date, and a digest of input bytes, settings and version; with keys also of their checks.

    What it uses of `earlier` runs is input too; a run that uses none has the name that it would have anywhere.
    """
    settings = {name: value for name, value in said(config).items() if names_content(name)}
    settings |= _key_checks(ledger)
    return name_run(ledger.as_of, [file.sha256 for file in (*ledger.files, *earlier)], settings, __version__)


def makes_brief_pdf(config: Config) -> bool:
    """Whether the two pages are made beside the full report, as a PDF of their own: where a group of recipients gets them."""
    wanted = "brief" in {group.edition for group in groups_of(config.mail)} and "report.pdf" in config.mail.attach
    return wanted and config.report.edition == "full" and config.output.wants_pdf


def provenance_line(ledger: Ledger, run_id: str, config: Config) -> str:
    """The footer of the report: run, a fingerprint of the input, seed and version."""
    inputs = "".join(sorted(file.sha256 for file in ledger.files))
    fingerprint = sha256(inputs.encode()).hexdigest()[:8]
    return f"Run {run_id} · data {fingerprint} · seed {config.analysis.cluster.seed} · reporter {__version__}"


def origins_of(config: Config) -> Origins:
    """Origins of a `Config` that was made in Python: what is not the default was an argument."""
    return {
        name: "default" if setting.value(config) == setting.default else "argument"
        for name, setting in every_setting().items()
    }


def manifest_of(
    ledger: Ledger,
    run_id: str,
    config: Config,
    origins: Origins,
    earlier: Sequence[SourceFile] = (),
) -> dict[str, Any]:
    """Everything about a run but its outputs, and the time that it took, which ``timings`` will be.

    Parameters
    ----------
    ledger : Ledger
    run_id : str
    config : Config
    origins : mapping of setting name to origin
        As `load_config` gave it.
    earlier : sequence of SourceFile
        What was read of earlier runs, ``<run id>/<file>`` each: inputs like the data, with the run under ``run``.

    Returns
    -------
    dict
        ``schema_version, run_id, version, as_of, seed, inputs, settings, versions``; with pseudonyms also ``pseudonym_key_check``, with
        an own key of the campaigns ``campaign_key_check``.
    """
    inputs = [_input(file) for file in ledger.files]
    inputs += [_input(file) | {"run": file.name.partition("/")[0]} for file in earlier]
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": run_id,
        "version": __version__,
        "as_of": ledger.as_of.isoformat(),
        "seed": config.analysis.cluster.seed,
        "inputs": inputs,
        "settings": {name: {"value": value, "origin": _origin(name, origins)} for name, value in said(config).items()},
        "versions": {"python": ".".join(map(str, sys.version_info[:3])), "packages": dict(_packages())},
    } | _key_checks(ledger)


def _input(file: SourceFile) -> dict[str, Any]:
    """An input; of a table in memory the digest is that of its columns and cells, and that is said."""
    about = {"name": file.name, "bytes": file.bytes, "sha256": file.sha256}
    return about | ({"in_memory": True} if file.in_memory else {})


def _key_checks(ledger: Ledger) -> dict[str, str]:
    """The check of each key that there is, so that two runs show whether theirs is the same: of the pseudonyms, and of the groups of campaigns."""
    own = campaign_key()
    checks = {"pseudonym_key_check": ledger.pseudonyms.check} if ledger.pseudonyms else {}
    return checks | ({"campaign_key_check": key_check(own)} if own else {})


def _origin(name: str, origins: Origins) -> Any:
    """The origin of a setting; a table such as ``source.columns`` has one for each key that somebody gave."""
    keys = {each.removeprefix(f"{name}."): origin for each, origin in origins.items() if each.startswith(f"{name}.")}
    return keys or origins.get(name, "default")


def requirements() -> list[str]:
    """What this program depends on, as its package says: ``name>=version`` each, those of extras included."""
    try:
        return metadata.requires("reporter") or []
    except metadata.PackageNotFoundError:
        return _requirements_of_checkout()


def _requirements_of_checkout() -> list[str]:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [
        *project["dependencies"],
        *(f"{each}; extra == '{name}'" for name, group in extras.items() for each in group),
    ]


def _packages() -> Iterator[tuple[str, str]]:
    """Installed versions of all that this program depends on, by name."""
    names = {match[0].lower() for line in requirements() if (match := re.match(r"[\w.-]+", line))}
    for name in sorted(names):
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
