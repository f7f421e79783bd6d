"""A page in a window of a real browser, and a server that remembers what it was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Browser, Page


@dataclass(frozen=True, slots=True)
class Site:
    """A folder behind a server of our own."""

    address: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """Serve a folder on the loopback."""
    asked: list[str] = []

    class Remembering(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            super().do_GET()

        def log_message(self, *_: Any) -> None:
            """Say nothing: `asked` tells."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Remembering, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Site(f"http://127.0.0.1:{server.server_port}", asked)
        server.shutdown()
        thread.join()


@contextmanager
def opened(browser: Browser, page: Path | str, width: int = 1280, **look: Any) -> Iterator[Page]:
    """A page in a window of its own; whatever the console says or throws fails the test."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **look)
    window = context.new_page()
    said: list[str] = []
    window.on("console", lambda message: said.append(message.text))
    window.on("pageerror", lambda error: said.append(str(error)))
    window.goto(page if isinstance(page, str) else page.as_uri())
    try:
        yield window
    finally:
        context.close()
    assert not said, said
