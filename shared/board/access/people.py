"""Who looks at the board, and what they may: by a key, by a trusted proxy's word, or by being here.

A file of people has a line `name:role:sha256` for each, as `millrace board-key` makes it.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from starlette.requests import Request

from shared import command_words
from shared.errors import Refusal
from shared.review import decisions
from shared.serving.security.keys import Holders, Keys

VARIABLE = "MILLRACE_BOARD_PEOPLE"
PersonRole = Literal["viewer", "reviewer"]
ROLES: tuple[PersonRole, ...] = get_args(PersonRole)
NAME = re.compile(r"[^\W_][\w .@'-]{0,63}")
PEOPLE = Holders(
    ROLES,
    NAME,
    "a name is 1 to 64 letters, digits, blanks, and . _ @ ' - after the first",
    "board-key",
    f"--people or {VARIABLE}",
)
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
# Who runs the board without a name.
NOBODY = "nobody"
WILDCARDS = ("0.0.0.0", "::", "")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Person:
    """Somebody who looks: a viewer sees, a reviewer decides, too."""

    name: str
    role: str

    @property
    def may_decide(self) -> bool:
        """Whether it is a reviewer."""
        return self.role == "reviewer"

    def may(self, kind: str) -> bool:
        """Return whether it may make this kind of decision; who has a name may comment."""
        return self.may_decide or (kind == "comment" and self.name != NOBODY)


@dataclass(frozen=True)
class ProxyWord:
    """The header in which a proxy at one of the `networks` says who asks; `role` is what that is.

    Who is among the people by name has the role there.
    """

    header: str
    networks: tuple[Network, ...]
    role: str = "viewer"


@dataclass(frozen=True)
class Access:
    """Who may come in: people by their keys, those whom a proxy names, and who runs the board.

    Without people and proxy it is the `local` person alone. `hosts` are the names by which the
    board may be asked for; None takes any.
    """

    keys: Keys | None = None
    proxy: ProxyWord | None = None
    local: Person = Person("somebody", "viewer")
    hosts: tuple[str, ...] | None = None

    @property
    def asks_for_key(self) -> bool:
        """Whether there is a page to log in at."""
        return self.keys is not None

    def named(self, name: str) -> Person | None:
        """Return one of the people by the name."""
        known = self.keys.known if self.keys else ()
        return next((Person(key.name, key.role) for key in known if key.name == name), None)

    def by_word_of_proxy(self, request: Request) -> Person | None:
        """Return whom a trusted proxy names; others' words, and two at once, count for nothing."""
        if not self.proxy or not self.is_proxy(request):
            return None
        given = request.headers.getlist(self.proxy.header)
        name = given[0].encode("latin-1").decode("utf-8", "replace").strip() if given else ""
        if len(given) != 1 or not NAME.fullmatch(name):
            return None
        return self.named(name) or Person(name, self.proxy.role)

    def is_proxy(self, request: Request) -> bool:
        """Return whether a request comes from a trusted proxy, by its connection's address."""
        try:
            address = ipaddress.ip_address(request.client.host if request.client else "")
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in each for each in (self.proxy.networks if self.proxy else ()))

    def knows_host(self, request: Request) -> bool:
        """Return whether the board is asked for by a name of its own, not by a stranger's."""
        return self.hosts is None or host_name(request.headers.get("host", "")) in self.hosts


def access(
    host: str,
    people: Path | None = None,
    user_header: str | None = None,
    proxies: Sequence[str] = (),
    user_role: str = "viewer",
    names: Sequence[str] = (),
) -> Access:
    """Return who may come in to a board that listens at `host`, also asked for by other `names`.

    Raises `Refusal` for a header without a proxy that may set it, for a mistake in the file of
    people, and where anybody who reaches `host` would be taken for who runs the board.
    """
    if bool(user_header) != bool(proxies):
        raise Refusal("--user-header and --trusted-proxy go together: who may set the header?")
    word = ProxyWord(user_header, _networks(proxies), user_role) if user_header else None
    keys = Keys((), people, PEOPLE) if people else None
    if not (keys or word or _is_loopback(host)):
        raise Refusal(
            f"whoever reaches {host} could decide: name people with --people FILE "
            f"(`{command_words.millrace('board-key')}` makes their keys), or a proxy "
            "with --user-header and --trusted-proxy"
        )
    any_name = host in WILDCARDS and keys is not None and word is None
    own = tuple(host_name(name) for name in (*LOOPBACK_NAMES, _bracketed(host), *names))
    return Access(keys, word, _who_runs_it(), None if any_name and not names else own)


def host_name(host: str) -> str:
    """Return a Host header's name without its port."""
    return re.sub(r":\d*$", "", host.strip().lower())


def _who_runs_it() -> Person:
    """Return who runs the board: they could type the command as well; nobody nameless may."""
    try:
        return Person(decisions.reviewer(), "reviewer")
    except Refusal:
        return Person(NOBODY, "viewer")


def _networks(addresses: Sequence[str]) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(address) for address in addresses)
    except ValueError as error:
        raise Refusal(f"--trusted-proxy: {error}") from None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
