"""The mail of a real run, received by a real server over TLS and read again, part by part."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from reporter.delivery.account import Account
from reporter.delivery.mail import send_mail, told, write_mail
from reporter.delivery.message import message_of
from reporter.delivery.settings import MailSettings, groups_of
from reporter.document.letter import Letter
from reporter.errors import DeliveryError, UsageError
from tests.delivery.smtp_server import PASSWORD, USER, Mail, Server

pytestmark = pytest.mark.slow

Serve = Callable[..., Server]
NO_WAIT = {"wait": lambda _: None}


def account(server: Server, **changed: object) -> Account:
    """Ours on a server of the test."""
    return replace(Account("localhost", server.port, USER, PASSWORD), **changed)


class _Page(HTMLParser):
    """What a page asks for, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.alts: list[str] = []
        self.words: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        if tag == "img":
            self.sources.append(given["src"] or "")
            self.alts.append(given["alt"] or "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture
def received(run: Path, settings: MailSettings, serve: Serve) -> dict[str, Mail]:
    """Both messages as they arrived, by edition."""
    server = serve()
    delivery = send_mail(run, settings, account(server), **NO_WAIT)
    assert (delivery.sent, delivery.problems) == (3, ())
    assert told(delivery) == "Mail: sent to 3 recipients."
    assert [mail.recipients for mail in server.delivered] == [
        ("boss@example.org", "second@example.org"),
        ("analyst@example.org",),
    ]
    assert server.commands.count("STARTTLS") == 2
    return dict(zip(("brief", "full"), server.delivered, strict=True))


@pytest.mark.parametrize(("edition", "pages"), [("brief", 2), ("full", 10)])
def test_every_part_of_the_message_arrives(received: dict[str, Mail], run: Path, edition: str, pages: int):
    facts = json.loads((run / "facts.json").read_text(encoding="utf-8"))
    message = received[edition].message
    assert message.get_content_type() == "multipart/mixed"
    body, *files = message.iter_parts()
    assert [part.get_content_type() for part in body.iter_parts()] == ["text/plain", "multipart/related"]
    headline = facts["gist"]["headline"]
    assert message["Subject"] == f"[shop] {headline} ({facts['gist']['as_of']})"
    assert message["From"] == "Reports <reports@example.org>"
    assert message["Message-ID"].endswith("@example.org>")
    assert message["Auto-Submitted"] == "auto-generated"

    text = message.get_body(("plain",)).get_content()
    assert " ".join(headline.split()) in " ".join(text.split())
    for finding in facts["gist"]["findings"]:
        assert finding["text"] in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 78

    assert [part.get_filename() for part in files] == [f"report-{facts['as_of']}.pdf"]
    attached = files[0].get_content()
    name = "report-brief.pdf" if edition == "brief" else "report.pdf"
    assert attached == (run / name).read_bytes()
    count = len(pypdfium2.PdfDocument(attached))
    assert count == pages if edition == "brief" else count >= pages


def test_the_page_says_what_the_first_page_says_and_asks_for_nothing_else(received: dict[str, Mail], run: Path):
    gist = json.loads((run / "facts.json").read_text(encoding="utf-8"))["gist"]
    message = received["full"].message
    html = message.get_body(("html",)).get_content()
    page = _Page(html)
    words = " ".join(" ".join(page.words).split())
    said = [gist["headline"], gist["lede"], gist["organisation"]]
    said += [stat["value"] for stat in gist["stats"]] + [each["text"] for each in gist["findings"]]
    said += [line for box in gist["boxes"] for line in box["body"]]
    assert len(said) > 12
    for sentence in said:
        assert " ".join(sentence.split()) in words
    assert len(html.encode()) < 60_000
    assert not {"script", "link", "svg", "iframe", "form"} & set(page.tags)
    assert not re.search(r"https?://|url\(|data:|@import", html)
    assert "#" in re.search(r'style="[^"]*color:(#[0-9a-f]{6})', html)[1]


def test_every_picture_is_in_the_message(received: dict[str, Mail]):
    message = received["full"].message
    page = _Page(message.get_body(("html",)).get_content())
    pictures = {
        part["Content-ID"].strip("<>"): part for part in message.walk() if part.get_content_type() == "image/png"
    }
    assert len(page.sources) == 1
    assert {f"cid:{name}" for name in pictures} == set(page.sources)
    assert all(len(alt) > 40 for alt in page.alts)
    for part in pictures.values():
        picture = Image.open(BytesIO(part.get_content()))
        assert picture.format == "PNG"
        assert picture.width == 2 * 552
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 20
        assert part.get_content_disposition() == "inline"


def test_tls_from_the_start(run: Path, settings: MailSettings, serve: Serve):
    server = serve(tls_from_the_start=True)
    delivery = send_mail(run, settings, account(server, security="tls"), **NO_WAIT)
    assert delivery.sent == 3
    assert "STARTTLS" not in server.commands


def test_a_second_sending_sends_nothing(run: Path, settings: MailSettings, serve: Serve):
    server = serve()
    send_mail(run, settings, account(server), **NO_WAIT)
    second = send_mail(run, settings, account(server), **NO_WAIT)
    assert (second.sent, second.before, second.problems) == (0, 3, ())
    assert len(server.delivered) == 2
    assert told(second) == "Mail: sent to 0 recipients, 3 had it before."


def test_a_new_recipient_gets_it_and_the_others_do_not(run: Path, settings: MailSettings, serve: Serve):
    server = serve()
    send_mail(run, settings, account(server), **NO_WAIT)
    more = replace(settings, analysts=("analyst@example.org", "new@example.org"))
    assert send_mail(run, more, account(server), **NO_WAIT).sent == 1
    assert server.delivered[-1].recipients == ("new@example.org",)


def test_no_address_and_no_password_is_written_down(run: Path, settings: MailSettings, serve: Serve):
    """The journal has hashes, the manifest numbers; only the dry run's message has addresses, for that is what it shows."""
    send_mail(run, settings, account(serve()), **NO_WAIT)
    for path in run.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert PASSWORD.encode() not in content
            assert b"boss@" not in content, path.name
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["settings"]["mail.managers"]["value"] == {"addresses": 1}
    assert (run / "mail.jsonl").stat().st_mode & 0o077 == 0
    assert PASSWORD not in repr(account(serve()))


# -- without sending


def test_a_dry_run_writes_one_message_for_each_edition(run: Path, settings: MailSettings):
    from email import message_from_bytes, policy

    paths = write_mail(run, settings)
    assert [path.name for path in paths] == ["email-brief.eml", "email-full.eml"]
    message = message_from_bytes(paths[0].read_bytes(), policy=policy.default)
    assert [each.addr_spec for each in message["To"].addresses] == ["boss@example.org", "second@example.org"]
    assert not (run / "mail.jsonl").exists()
    (single,) = write_mail(run, replace(settings, managers=()))
    assert single.name == "email.eml"


def test_the_message_has_the_same_name_whenever_it_is_made(run: Path, settings: MailSettings):
    def names(changed: MailSettings) -> list[str]:
        return [
            re.search(rb"Message-ID:\s*(<[^>]+>)", path.read_bytes())[1].decode() for path in write_mail(run, changed)
        ]

    first = names(settings)
    assert first == names(replace(settings, managers=tuple(reversed(settings.managers)), subject_prefix="other"))
    assert len({*first, *names(replace(settings, managers=("boss@example.org",)))}) == 3


def test_what_can_be_attached_is_attached(run: Path, settings: MailSettings):
    from email import message_from_bytes, policy

    chosen = replace(settings, managers=(), attach=("report.pdf", "report.html", "segments.xlsx", "facts.json"))
    (path,) = write_mail(run, chosen)
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    kinds = {part.get_filename(): part.get_content_type() for part in message.iter_attachments()}
    assert {name.rpartition(".")[2]: kind for name, kind in kinds.items()} == {
        "pdf": "application/pdf",
        "html": "text/html",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "json": "application/json",
    }
    assert "all tables as a workbook" in " ".join(message.get_body(("plain",)).get_content().split())


@pytest.mark.parametrize(
    "headline",
    [
        "36% من الإيرادات لدى 17% من العملاء؛ و394 آخرون بنسبة 24% في طريق الفقد",
        "Über ein Drittel der Kundschaft überlegt: 394 größere Käufer hören möglicherweise auf, für Höheres zu schwärmen",
        "Plain words that are long enough to be broken over more than one line, at the least two, perhaps three of them",
    ],
)
def test_names_and_subjects_in_any_letters_arrive_letter_by_letter(headline: str):
    from email import message_from_bytes
    from email.header import decode_header, make_header
    from email.utils import getaddresses

    people = (
        '"Größere Übersicht für Müller & Söhne, Büro München" <boss@example.org>',
        "مدير المبيعات <second@example.org>",
    )
    chosen = MailSettings(sender="Berichte der Käuferschaft <reports@example.org>", managers=people)
    made = message_of(
        Letter(headline, "text\n", "<p>text</p>", ()), groups_of(chosen)[0], chosen, {}, "2024-07-01-0123abcd"
    )
    assert all(len(line) <= 78 for line in bytes(made).partition(b"\r\n\r\n")[0].split(b"\r\n"))
    read = message_from_bytes(bytes(made))

    def names(header: str) -> list[str]:
        return [str(make_header(decode_header(name))) for name, _ in getaddresses([read[header]])]

    assert str(make_header(decode_header(read["Subject"]))).replace("\r\n", "") == headline
    assert names("To") == [person.partition(" <")[0].strip('"') for person in people]
    assert names("From") == ["Berichte der Käuferschaft"]


# -- refused before anything is sent


def test_too_large_a_message_is_refused_with_its_size(run: Path, settings: MailSettings):
    (run / "report.html").write_bytes(b"x" * 2_000_000)
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    with pytest.raises(DeliveryError, match=r"report\.html: is missing, or is not the file"):
        write_mail(run, replace(settings, attach=("report.html",)))
    from hashlib import sha256

    for each in manifest["outputs"]:
        if each["path"] == "report.html":
            each["sha256"] = sha256(b"x" * 2_000_000).hexdigest()
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(DeliveryError, match=r"has 2\.\d MB, and mail\.most_mb allows 1\."):
        write_mail(run, replace(settings, attach=("report.html",), most_mb=1))


def test_a_missing_pdf_is_told_with_the_way_to_get_it(run: Path, settings: MailSettings):
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    manifest["outputs"] = [each for each in manifest["outputs"] if each["path"] != "report-brief.pdf"]
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(DeliveryError, match=r"report-brief\.pdf: is not part of this run.*with --force"):
        write_mail(run, settings)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sender": ""}, "mail.sender: is empty"),
        ({"managers": (), "analysts": ()}, "nobody would get the mail"),
        ({"managers": ("boss@example.org\r\nBcc: spy@example.org",)}, "mail.managers: holds what is no address"),
        ({"sender": "Reports\n <reports@example.org>"}, "mail.sender: holds what is no address"),
        ({"analysts": ("a@example.org, b@example.org",)}, "mail.analysts: holds what is no address"),
        ({"subject_prefix": "x\r\nBcc: spy@example.org"}, "header Subject: would hold more than one line"),
    ],
)
def test_a_header_cannot_be_smuggled_in(run: Path, settings: MailSettings, changed: dict[str, object], said: str):
    with pytest.raises(UsageError, match=re.escape(said)):
        write_mail(run, replace(settings, **changed))


def test_a_folder_that_is_no_run(tmp_path: Path, settings: MailSettings):
    with pytest.raises(UsageError, match="is no finished run"):
        write_mail(tmp_path, settings)
