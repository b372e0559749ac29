"""Checks of the network: the names of hosts, their certificates, the mail server. No page is asked for here."""

import contextlib
import socket
import ssl
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from app.doctor.finding import Finding, Patient, look, ok, wrong
from app.doctor.settings import is_mail_used
from core.errors import DeliveryError
from core.site import Site
from notify.channels.smtp import SmtpChannel
from notify.phrases import span_of

_SOON = timedelta(days=14)
_HTTPS = 443
_PATIENCE = timedelta(seconds=8)  # for one host


def dns(patient: Patient) -> Iterator[Finding]:
    """Check whether the name of each source's host, and of the mail server in use, has an address."""
    named = {host: f"the host of {source}" for source, (host, _) in _hosts(patient.desk.sites).items()}
    if is_mail_used(patient.desk.config):
        named[patient.desk.config.mail.host] = "the mail server"
    named = {host: what for host, what in named.items() if not _is_numeric(host) and not _proxy(host)}
    with ThreadPoolExecutor(max(1, len(named))) as pool:
        problems = dict(zip(named, pool.map(_unresolved, named), strict=True))
    for host, problem in problems.items():
        if problem:
            yield wrong(f"{host}, {named[host]}, has no address: {problem}.", "check the network and /etc/resolv.conf")
    if not any(problems.values()):
        yield ok(f"Every name is known: {', '.join(named) or 'there is none to ask for'}.")


def certificates(patient: Patient) -> Iterator[Finding]:
    """Check whether each source's certificate is valid, and for how long still."""
    asked = {address for address in _hosts(patient.desk.sites, "https").values() if not _proxy(address[0])}
    places = sorted(asked)
    with ThreadPoolExecutor(max(1, len(places))) as pool:
        ends = pool.map(certificate_end, places)
    fine = []
    for (host, _), end in zip(places, ends, strict=True):
        if isinstance(end, str):
            yield wrong(f"{host}: {end}.", "if a browser says so too, write to the site; else install ca-certificates")
        elif end - patient.desk.clock() < _SOON:
            left = span_of(max(end - patient.desk.clock(), timedelta()))
            yield look(f"The certificate of {host} ends in {left}.", "the site has to renew it: nothing to do here")
        else:
            fine.append(host)
    if not places:
        yield ok("No source is asked by https, or a proxy asks for us.")
    elif fine:
        yield ok(f"Certificates are valid for {span_of(_SOON)} and more: {', '.join(fine)}.")


def mail(patient: Patient) -> Iterator[Finding]:
    """Check whether the mail server lets us in: connection, TLS, login; no mail is sent."""
    settings = patient.desk.config
    if not is_mail_used(settings):
        yield ok("No mail is sent.")
        return
    timeout = min(settings.mail.timeout, patient.limit * 3 // 4)
    channel = SmtpChannel(settings.mail.model_copy(update={"timeout": timeout}), ())
    try:
        channel._ready()  # noqa: SLF001  # the very session by which messages leave; it is closed unused
    except DeliveryError as error:
        yield wrong(str(error), "check `mail` in config.yaml, TONLE_SMTP_USER and TONLE_SMTP_PASSWORD")
        return
    finally:
        channel.close()
    how = {"none": "without TLS", "starttls": "by STARTTLS", "tls": "by TLS"}[settings.mail.security]
    as_whom = f"as {settings.mail.user}" if settings.mail.user else "without a login"
    yield ok(f"{settings.mail.host}:{settings.mail.port} lets us in {how}, {as_whom}.")


def certificate_end(place: tuple[str, int], context: ssl.SSLContext | None = None) -> datetime | str:
    """Return when the certificate of a host ends, or what is wrong with it, or with reaching the host."""
    host, port = place
    trusted = context or ssl.create_default_context()
    try:
        with (
            socket.create_connection(place, timeout=_PATIENCE.total_seconds()) as line,
            trusted.wrap_socket(line, server_hostname=host) as secured,
        ):
            shown: Mapping[str, object] = secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return f"its certificate is not valid ({error.verify_message})"
    except OSError as error:
        return f"no TLS connection to port {port} ({error.strerror or type(error).__name__})"
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)


def _hosts(sites: Mapping[str, Site], scheme: str = "") -> dict[str, tuple[str, int]]:
    """Return host and port by source, of those that are asked by this scheme."""
    found = {}
    for name, site in sites.items():
        parts = urlsplit(site.base)
        if parts.hostname and scheme in {"", parts.scheme}:
            found[name] = (parts.hostname, parts.port or _HTTPS)
    return found


def _unresolved(host: str) -> str:
    try:
        socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _is_numeric(host: str) -> bool:
    with contextlib.suppress(ValueError):
        ip_address(host)
        return True
    return False


def _proxy(host: str) -> bool:
    """Return whether a proxy asks the host for us: names and certificates are its business then."""
    return "https" in getproxies() and not proxy_bypass(host)
