"""Downloads: what may be asked, what is taken, what is refused, and where a broken one goes on."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fault_server import (
    SETTLED,
    FaultServer,
    cut,
    dripping,
    ranged,
    raw,
    redirect,
    serving,
    stalling,
    status,
    unmeasured,
    whole,
)
from pulling import NEW, OLD, paris_csv

from multipolar.errors import BadInput, SourceUnavailable
from multipolar.sources import fetch as module
from multipolar.sources import load_source
from multipolar.sources.fetch import fetch
from multipolar.sources.source import Source

PARIS = load_source("paris")
ADVICE = r"Download it in a browser and name the file with --from\."


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving() as started:
        yield started


@pytest.fixture
def got(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., bytes]:
    """Download into a directory of the test, with short pauses; return the bytes."""
    monkeypatch.setattr(module, "PAUSES", (0.01, 0.02))

    def of(address: str, source: Source = PARIS, say: Callable[[str], None] = print) -> bytes:
        return fetch(source, address, tmp_path, say).read_bytes()

    return of


@pytest.fixture
def refused(got: Callable[..., bytes]) -> Callable[..., str]:
    """Check that a download fails with one line of our own; return it."""

    def of(address: str, source: Source = PARIS, kind: type[Exception] = SourceUnavailable) -> str:
        with pytest.raises(kind) as caught:
            got(address, source)
        line = str(caught.value)
        assert "\n" not in line
        assert line.startswith("paris: ") or kind is BadInput
        return line

    return of


# --- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://treaties.un.org/x.csv", "only https is trusted"),
        ("https://example.org/x.csv", "example.org is not a host of this dataset"),
        ("http://example.org/x.csv", "example.org is not a host of this dataset"),
        ("https://evil.treaties.un.org/x", "evil.treaties.un.org is not a host of this dataset"),
        ("https://treaties.un.org.example.org/x", "treaties.un.org.example.org is not a host"),
        ("https://treaties.un.org@example.org/x", "it holds a user name or password"),
        ("https://me:secret@treaties.un.org/x", "it holds a user name or password"),
        ("ftp://treaties.un.org/x", "only https is trusted"),
        ("file:///etc/passwd", "it names no host"),
        ("ftp://127.0.0.1/x", "only http and https are understood"),
        ("https://", "it names no host"),
        ("http://0.0.0.0/x", "0.0.0.0 is not a host"),
        ("http://10.0.0.1/x", "10.0.0.1 is not a host"),
        ("http://2130706433/x", "2130706433 is not a host"),
        ("http://localhost.example.org/x", "localhost.example.org is not a host"),
        ("https://treaties.un.org:99999/x", "there is no port 99999"),
        ("https://treaties.un.org\\@example.org/x", "it holds a user name or password"),
        ("http://127.0.0.1.example.org/x", "127.0.0.1.example.org is not a host"),
    ],
)
def test_an_address_that_is_not_the_datasets_own_is_refused(refused, address, reason):
    line = refused(address, kind=BadInput)
    assert reason in line
    assert "secret" not in line
    assert "https from treaties.un.org and raw.githubusercontent.com" in line


@pytest.mark.parametrize(
    "address",
    [
        "https://[::1/x",
        "https://treaties.un.org:port/x",
        "http://\x00",
    ],
)
def test_what_is_no_address_is_said_to_be_none(refused, address):
    assert "is not an address" in refused(address, kind=BadInput)


def test_a_refused_address_is_not_asked(server, refused, monkeypatch):
    asked: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *words, **more: asked.append(words))
    refused("https://example.org/x.csv", kind=BadInput)
    assert asked == []


def test_a_redirect_on_the_same_host_is_followed(server, got):
    server.at("/new.csv", whole(paris_csv()))
    assert got(server.at("/old.csv", redirect("/new.csv"))) == paris_csv()


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("https://example.org/x.csv", "example.org is not a host of this dataset"),
        ("http://treaties.un.org/x.csv", "only https is trusted"),
        ("//example.org/x.csv", "example.org is not a host of this dataset"),
        ("file:///etc/passwd", "it names no host"),
        ("https://u:p@treaties.un.org/x", "it holds a user name or password"),
    ],
)
def test_a_redirect_elsewhere_is_refused(server, refused, target, reason):
    line = refused(server.at("/x.csv", redirect(target)))
    assert "which is refused" in line
    assert reason in line
    assert len(server.asked) == 1


def test_a_publisher_does_not_send_on_to_this_machine():
    import httpx

    from multipolar.sources.addresses import redirected

    with pytest.raises(SourceUnavailable, match="it is on this machine"):
        redirected(PARIS, httpx.URL("https://treaties.un.org/x"), "http://127.0.0.1:8000/admin")


def test_redirects_without_an_end_are_left(server, refused):
    assert "more than 5 times" in refused(server.at("/x.csv", redirect("/x.csv")))
    assert len(server.asked) == 6


# --- answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [whole, unmeasured])
def test_a_whole_file_arrives_as_sent(server, got, answer):
    assert got(server.at("/x.csv", answer(paris_csv()))) == paris_csv()


def test_the_server_is_told_who_asks_and_to_send_the_file_as_it_is(server, got):
    from multipolar import __version__

    got(server.at("/x.csv", whole(paris_csv())))
    _, headers = server.asked[0]
    assert headers["User-Agent"] == f"multipolar/{__version__}"
    assert headers["Accept-Encoding"] == "identity"
    assert "Range" not in headers


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (400, r"answered 400 \(Bad Request\)"),
        (401, r"answered 401 \(Unauthorized\)\. " + ADVICE),
        (403, r"answered 403 \(Forbidden\)\. " + ADVICE),
        (404, r"answered 404 \(Not Found\)\. The publisher's page is https://treaties"),
        (410, r"answered 410 \(Gone\)\. The publisher's page is https://treaties"),
        (202, r"answered 202 \(Accepted\) and did not hand the file to a program\. " + ADVICE),
        (204, r"answered 204 \(No Content\) and did not hand the file"),
        (206, r"answered 206 \(Partial Content\)"),
        (304, r"answered 304 \(Not Modified\)"),
    ],
)
def test_a_final_answer_is_asked_for_once(server, refused, code, words):
    import re

    assert re.search(words, refused(server.at("/x.csv", status(code))))
    assert len(server.asked) == 1


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503])
def test_a_passing_fault_is_asked_again_twice(server, refused, code):
    assert f"answered {code}" in refused(server.at("/x.csv", status(code)))
    assert len(server.asked) == 3


@pytest.mark.parametrize("fault", [status(503), status(429, Retry_After="0"), cut(paris_csv(), 9)])
def test_a_passing_fault_that_passes_does_no_harm(server, got, fault):
    assert got(server.at("/x.csv", fault, whole(paris_csv()))) == paris_csv()
    assert len(server.asked) == 2


def test_a_server_that_asks_for_a_pause_gets_it(server, got):
    began = time.monotonic()
    got(server.at("/x.csv", status(429, Retry_After="1"), whole(paris_csv())))
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("later", ["3600", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_server_that_asks_for_a_long_pause_is_left(server, refused, later):
    line = refused(server.at("/x.csv", status(429, Retry_After=later)))
    assert "wants to be asked again in" in line
    assert len(server.asked) == 1


def test_an_empty_file_is_no_file(server, refused, tmp_path):
    assert "did not hand the file to a program" in refused(server.at("/x.csv", whole(b"")))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<!DOCTYPE html><title>Are you human?</title>", "text/html"),
        (b"\n<html><body>404</body></html>", "text/csv"),
        (b"Access denied", "text/html; charset=utf-8"),
    ],
)
def test_a_web_page_is_not_taken_for_data(server, refused, tmp_path, body, kind):
    line = refused(server.at("/x.csv", whole(body, Content_Type=kind)))
    assert "sent a web page, not the data" in line
    assert list(tmp_path.iterdir()) == []


def test_data_that_a_mirror_calls_a_web_page_are_taken(server, got):
    packed = gzip.compress(paris_csv())
    for body in (paris_csv(), packed):
        assert got(server.at("/x.csv", whole(body, Content_Type="text/html"))) == body


def test_a_page_is_taken_where_the_dataset_is_a_page(server, got):
    body = b"<html><table><tr><td>quota</td></tr></table></html>"
    kind = replace(PARIS.kinds[0], fits=lambda raw: b"quota" in raw.head)
    address = server.at("/x.html", whole(body, Content_Type="text/html"))
    assert got(address, replace(PARIS, kinds=(kind,))) == body


def test_a_form_of_packing_that_was_not_asked_for_is_refused(server, refused):
    line = refused(server.at("/x.csv", whole(b"xx", Content_Encoding="br")))
    assert "packed as 'br'" in line


@pytest.mark.parametrize(
    "garbage", [b"no http\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"]
)
def test_what_is_no_answer_is_one_line(server, refused, garbage):
    assert "broke off" in refused(server.at("/x.csv", raw(garbage)))


# --- limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [whole, unmeasured])
def test_a_file_beyond_the_limit_is_left(server, refused, tmp_path, answer):
    small = replace(PARIS, most_bytes=1 << 20)
    line = refused(server.at("/x.csv", answer(b"x" * (1 << 21))), small)
    assert "more than 1 MiB, the dataset's limit" in line
    assert list(tmp_path.iterdir()) == []
    assert len(server.asked) == 1


@pytest.mark.parametrize("at", [None, 0, 100])
def test_a_server_that_falls_silent_is_left_after_two_stalls(server, refused, monkeypatch, at):
    monkeypatch.setenv("MULTIPOLAR_TIMEOUT", "0.2")
    line = refused(server.at("/x.csv", stalling(paris_csv(), at)))
    assert "sent nothing for 0.2 seconds" in line
    assert len(server.asked) == 2


def test_a_download_takes_no_longer_than_the_limit(server, refused, monkeypatch):
    monkeypatch.setattr(module, "LONGEST", 0.3)
    monkeypatch.setenv("MULTIPOLAR_TIMEOUT", "0.25")
    assert "took over" in refused(server.at("/x.csv", dripping(paris_csv(), 10, 0.05)))


@pytest.mark.parametrize("said", ["soon", "0", "-1", "nan", "1e9"])
def test_a_timeout_that_is_no_number_of_seconds_is_refused(refused, monkeypatch, said):
    monkeypatch.setenv("MULTIPOLAR_TIMEOUT", said)
    assert f"MULTIPOLAR_TIMEOUT is '{said}'" in refused("https://treaties.un.org/x", kind=BadInput)


def test_progress_is_told_at_most_twice_a_second(server, got, monkeypatch):
    said: list[str] = []
    began = time.monotonic()
    got(server.at("/x.csv", dripping(b"x" * 3_000_000, 100_000, 0.04)), say=said.append)
    assert 1 <= len(said) <= (time.monotonic() - began) / 0.5
    assert said[0].startswith("paris: ")
    assert said[0].endswith(" of 3 MB")


# --- no way through -----------------------------------------------------------------------------


def test_a_port_where_nobody_listens_is_one_line(refused):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        line = refused(f"http://127.0.0.1:{port}/x.csv")
    assert "cannot be reached: Connection refused" in line


def test_a_host_that_is_not_found_is_one_line(refused, monkeypatch):
    def fail(*words: object, **more: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert "cannot be found: Name or service not known" in refused("https://treaties.un.org/x.csv")


def test_a_server_whose_certificate_cannot_be_checked_is_not_trusted(server, refused):
    address = server.at("/x.csv", whole(paris_csv())).replace("http:", "https:")
    assert "cannot be trusted" in refused(address)


def test_a_faulty_setting_of_certificates_is_one_line(refused, monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    assert "settings for proxies and certificates" in refused("https://treaties.un.org/x.csv")


def test_a_faulty_setting_of_proxies_is_one_line(refused, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "gopher://x")
    assert "settings for proxies and certificates" in refused("https://treaties.un.org/x.csv")


# --- going on -----------------------------------------------------------------------------------

BODY = paris_csv()


@pytest.mark.parametrize(
    "headers", [{"etag": '"one"'}, {"etag": 'W/"1"', "Last_Modified": SETTLED}]
)
def test_a_download_that_broke_off_goes_on_where_it_was(server, got, headers):
    address = server.at(
        "/x.csv",
        ranged(BODY, **headers, until=4000),
        ranged(BODY, **headers, until=5000),
        ranged(BODY, **headers),
    )
    assert got(address) == BODY
    assert server.ranges() == [None, "bytes=4000-", "bytes=5000-"]


def test_a_server_that_does_not_know_parts_sends_it_all_again(server, got):
    address = server.at("/x.csv", ranged(BODY, '"one"', until=4000), whole(BODY))
    assert got(address) == BODY
    assert server.ranges() == [None, "bytes=4000-"]


def test_nothing_is_joined_without_a_word_that_it_is_the_same_file(server, got):
    assert got(server.at("/x.csv", cut(BODY, 4000), whole(BODY))) == BODY
    assert server.ranges() == [None, None]


def test_an_etag_that_cannot_be_sent_back_is_no_such_word(server, got):
    assert got(server.at("/x.csv", ranged(BODY, '"\xe9"', until=4000), whole(BODY))) == BODY
    assert server.ranges() == [None, None]


def test_a_last_change_in_this_very_second_is_no_such_word(server, got):
    from email.utils import formatdate

    told = {"Last_Modified": formatdate(time.time() + 60, usegmt=True)}
    assert got(server.at("/x.csv", cut(BODY, 4000, **told), whole(BODY))) == BODY
    assert server.ranges() == [None, None]


def test_a_file_that_changed_meanwhile_is_taken_anew(server, got):
    new = paris_csv(NEW)
    address = server.at("/x.csv", ranged(paris_csv(OLD), '"one"', until=4000), ranged(new, '"two"'))
    assert got(address) == new


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Range": "bytes 10-20/21"},
        {"Content_Range": f"bytes 10-{len(BODY) - 1}/{len(BODY)}"},
        {"Content_Range": f"bytes 4000-{len(BODY) - 1}/999999"},
        {"Content_Range": f"bytes 4000-{len(BODY) - 1}/{len(BODY)}", "ETag": '"two"'},
        {"Content_Range": "bytes */100"},
        {},
    ],
)
def test_a_part_that_does_not_fit_is_thrown_away(server, got, headers):
    wrong = whole(BODY[4000:], 206, **headers)
    address = server.at("/x.csv", ranged(BODY, '"one"', until=4000), wrong, whole(BODY))
    assert got(address) == BODY
    assert server.ranges() == [None, "bytes=4000-", None]


def test_the_next_pull_goes_on_where_this_one_ended(server, got, refused, tmp_path):
    address = server.at("/x.csv", ranged(BODY, '"one"', until=4000), status(404))
    refused(address)
    left = sorted(path.name for path in tmp_path.iterdir())
    digest = hashlib.sha256(address.encode()).hexdigest()[:16]
    assert left == [f".download-{digest}", f".download-{digest}.json"]
    server.at("/x.csv", ranged(BODY, '"one"'))
    assert got(address) == BODY
    assert server.ranges()[-1] == "bytes=4000-"


def test_a_whole_download_is_asked_for_its_last_byte_only(server, got):
    address = server.at("/x.csv", ranged(BODY, '"one"'))
    assert got(address) == got(address) == BODY
    assert server.ranges() == [None, f"bytes={len(BODY) - 1}-"]


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b'{"address": "https://x"}', b"\xff"])
def test_a_note_that_was_cut_off_makes_the_download_start_over(server, got, tmp_path, note):
    address = server.at("/x.csv", ranged(BODY, '"one"'))
    place = tmp_path / f".download-{hashlib.sha256(address.encode()).hexdigest()[:16]}"
    place.write_bytes(b"x" * 100)
    Path(f"{place}.json").write_bytes(note)
    assert got(address) == BODY
    assert server.ranges() == [None]


def test_bytes_of_an_old_file_never_stand_beside_the_note_of_a_new_one(
    server, got, tmp_path, monkeypatch
):
    """A kill between the two writes that begin a download must not join two files."""
    from multipolar.sources.partial import Partial

    partial = Partial(tmp_path, "https://x")
    partial.begin({"etag": '"one"'}, 100)
    partial.path.write_bytes(b"x" * 50)
    monkeypatch.setattr(json, "dumps", lambda value: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        partial.begin({"etag": '"two"'}, 100)
    assert Partial(tmp_path, "https://x").headers() == {}


# --- hashes -------------------------------------------------------------------------------------


def b64(name: str, data: bytes) -> str:
    return base64.b64encode(hashlib.new(name, data).digest()).decode()


@pytest.mark.parametrize(
    "form",
    [
        lambda data: {"Content_MD5": b64("md5", data)},
        lambda data: {"Content_MD5": hashlib.md5(data).hexdigest()},
        lambda data: {"Digest": f"SHA-256={b64('sha256', data)}, unixsum=1"},
        lambda data: {"Digest": f"md5={b64('md5', data)}"},
        lambda data: {"Repr_Digest": f"sha-256=:{b64('sha256', data)}:"},
        lambda data: {"Repr_Digest": f"sha-512=:{b64('sha512', data)}:;q=1"},
        lambda data: {"Content_Digest": f"sha-256=:{b64('sha256', data)}:"},
        lambda data: {"x_goog_hash": f"crc32c=AAAAAA==,md5={b64('md5', data)}"},
        lambda data: {"X_Checksum_Sha256": hashlib.sha256(data).hexdigest()},
    ],
)
def test_a_hash_that_the_server_states_is_checked(server, got, refused, tmp_path, form):
    assert got(server.at("/x.csv", whole(BODY, **form(BODY)))) == BODY
    line = refused(server.at("/y.csv", whole(BODY, **form(BODY + b"x"))))
    assert "does not have the hash that its server states" in line
    assert len([path for path in tmp_path.iterdir() if path.suffix != ".json"]) == 1


def test_a_hash_of_the_whole_holds_for_a_file_that_came_in_parts(server, got, refused):
    for name, stated, fine in (("x", BODY, True), ("y", BODY + b"x", False)):
        told = {"Digest": f"sha-256={b64('sha256', stated)}"}
        address = server.at(
            f"/{name}", ranged(BODY, '"1"', until=4000, **told), ranged(BODY, '"1"')
        )
        if fine:
            assert got(address) == BODY
        else:
            assert "does not have the hash" in refused(address)


def test_a_hash_of_a_part_is_not_taken_for_one_of_the_whole(server, got):
    part = {"Content_MD5": b64("md5", BODY[4000:])}
    address = server.at("/x", ranged(BODY, '"1"', until=4000), ranged(BODY, '"1"', **part))
    assert got(address) == BODY
