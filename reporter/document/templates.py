"""Where templates come from: ours, and before them those of a folder that a user has named; then all of them run in a sandbox.

A template is a program. None is ever taken from beside the input, for that is where a stranger's file may lie; only the setting ``report.templates``
leads to others than ours. Data is never compiled as a template.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from traceback import extract_tb

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.exceptions import TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from reporter.errors import Problem, UsageError

SETTING = "report.templates"
OURS = "reporter"
"""Our templates are also found under this name, so that an own ``_cover.html`` can include ``reporter/_cover.html``."""


class _Inside(FileSystemLoader):
    """Templates of one folder, and nothing that a link leads to outside of it."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, object]:  # type: ignore[override]
        source = super().get_source(environment, template)
        folder = Path(self.searchpath[0]).resolve()
        if source[1] is not None and not Path(source[1]).resolve().is_relative_to(folder):
            raise UsageError(
                Problem(
                    f"{SETTING}, {template}", "leads out of its folder.", "Put the template itself into the folder."
                )
            )
        return source


def environment_of(ours: Path, theirs: str = "") -> Environment:
    """The environment of all templates: escaping everything, strict about what is missing, and a sandbox as soon as one may not be ours.

    Parameters
    ----------
    ours : Path
        Our own folder.
    theirs : str
        A folder whose templates go before ours of the same name; empty: none.
    """
    loader: BaseLoader = FileSystemLoader(ours)
    if theirs:
        loader = ChoiceLoader([_Inside(theirs), loader, PrefixLoader({OURS: FileSystemLoader(ours)})])
    kind = (
        ImmutableSandboxedEnvironment if theirs else Environment
    )  # a sandbox around ours would cost a sixth of the time
    return kind(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def template_files(folder: Path) -> Iterator[Path]:
    """Templates of a folder in the order of their names."""
    yield from sorted(path for path in folder.rglob("*.html") if path.is_file())


def check_templates(folder: str, ours: Path) -> None:
    """Look at own templates before any work is done.

    Raises
    ------
    UsageError
        Where the folder is missing or holds no template, or a template is no template of ours, leads out of the folder or has a fault in its form.
    """
    if not folder:
        return
    if not Path(folder).is_dir():
        raise UsageError(Problem(SETTING, f"there is no folder “{folder}”.", "Name a folder with templates."))
    names = [path.relative_to(folder).as_posix() for path in template_files(Path(folder))]
    if not names:
        raise UsageError(
            Problem(SETTING, f"“{folder}” holds no .html file.", "Copy one of templates/ there, and change it.")
        )
    environment, loader = environment_of(ours, folder), _Inside(folder)
    for name in names:
        try:
            environment.parse(loader.get_source(environment, name)[0], name)
        except (TemplateSyntaxError, UnicodeDecodeError) as error:
            raise fault_of(error, name) from error


def fault_of(error: Exception, name: str = "") -> UsageError:
    """A fault of an own template as something that its author can mend: file, line and what is wrong."""
    if isinstance(error, TemplateSyntaxError):
        name, line = error.name or name, error.lineno
    else:
        frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename.endswith(".html")]
        name, line = (_short(frames[-1].filename), frames[-1].lineno or 0) if frames else (name, 0)
    what = f"there is no template “{error}”." if isinstance(error, TemplateNotFound) else f"{error}".rstrip(".") + "."
    place = f"{SETTING}, {name}" + (f", line {line}" if line else "")
    return UsageError(Problem(place, what, "Mend the template, or take it out of the folder: then ours is used."))


def _short(path: str) -> str:
    parts = Path(path).parts
    return "/".join(parts[-2:]) if len(parts) > 1 and parts[-2] == "blocks" else parts[-1]
