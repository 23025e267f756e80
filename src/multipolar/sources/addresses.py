"""Which addresses a download may use: https to the dataset's own hosts, or a server on this machine."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from ..errors import BadInput, SourceUnavailable
from .source import Source

if TYPE_CHECKING:
    import httpx


def allowed(source: Source, address: str) -> httpx.URL:
    """Return an address that was typed, if a dataset may be downloaded from it.

    Raises
    ------
    BadInput
        It is no address, not https, or of a host that is not the dataset's.
    """
    import httpx

    try:
        url = httpx.URL(address.strip())
    except (httpx.InvalidURL, ValueError) as error:
        raise BadInput(f"{address!r} is not an address: {_first_line(error)}.") from None
    if problem := _refused(source, url):
        raise BadInput(f"{source.name}: {shown(url)} is refused: {problem}.", hint=_hint(source))
    return url


def redirected(source: Source, url: httpx.URL, location: str) -> httpx.URL:
    """Return where a server sends on to, if the dataset may be downloaded from there.

    Raises
    ------
    SourceUnavailable
        The same rule refuses it; and no publisher sends on to a server on this machine.
    """
    import httpx

    try:
        target = url.join(location)
    except (httpx.InvalidURL, ValueError):
        raise SourceUnavailable(
            f"{source.name}: {shown(url)} leads to {location[:200]!r}, which is not an address."
        ) from None
    problem = _refused(source, target)
    if not problem and is_here(target) and not is_here(url):
        problem = "it is on this machine"
    if problem:
        raise SourceUnavailable(
            f"{source.name}: {shown(url)} leads to {shown(target)}, which is refused: {problem}.",
            hint=_hint(source),
        )
    return target


def is_here(url: httpx.URL) -> bool:
    """Say whether an address is of this machine: localhost, 127.0.0.0/8 or ::1."""
    if url.host == "localhost":
        return True
    try:
        found = ipaddress.ip_address(url.host)
    except ValueError:
        return False
    return (found.version == 4 and found.is_loopback) or found == ipaddress.IPv6Address(1)


def shown(url: httpx.URL) -> str:
    """Return an address as it may be printed: without a user's name or password."""
    return str(url.copy_with(userinfo=b"")) if url.userinfo else str(url)


def _refused(source: Source, url: httpx.URL) -> str:
    """Return why an address is refused; empty where it is not."""
    if not url.host:
        return "it names no host"
    if url.port is not None and not 0 < url.port < 1 << 16:
        return f"there is no port {url.port}"
    if url.userinfo:
        return "it holds a user name or password"
    if is_here(url):
        return "" if url.scheme in ("http", "https") else "only http and https are understood"
    if url.host not in source.hosts:
        return f"{url.host} is not a host of this dataset"
    return "" if url.scheme == "https" else "only https is trusted"


def _hint(source: Source) -> str:
    hosts = " and ".join(source.hosts)
    own = f"It may come by https from {hosts}" if hosts else "It has no address for programs"
    return f"{own}; a file that you have is named with --from."


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
