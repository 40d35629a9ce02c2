"""Request Tracker 5 as Debian ships it, on loopback, with a database of its own that is gone afterwards."""

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.flow.processes import environment, until

PROGRAM = Path("/usr/share/request-tracker5/libexec/rt-server")
SETUP, SHREDDER = "rt-setup-database-5", "rt-shredder-5"
LONGEST_S = 900
"""The server ends after this, even if the tests were killed."""
AGENT, READER = "anna", "cxloop"
SITE = """\
Set($rtname, 'desk.example'); Set($Organization, 'desk.example');
Set($WebDomain, '127.0.0.1'); Set($WebPort, %(port)d); Set($WebPath, '');
Set($DatabaseType, 'SQLite'); Set($DatabaseName, '%(home)s/rtdb');
Set($Timezone, 'UTC'); Set($MailCommand, 'testfile');
Set($LogToSyslog, undef); Set($LogToFile, undef); Set($LogToSTDERR, 'error');
$RT::VarPath = '%(home)s'; $RT::MasonDataDir = '%(home)s/mason'; $RT::MasonSessionDir = '%(home)s/sessions';
1;
"""
DESK = """\
our @Users = (
    {Name => 'anna', EmailAddress => 'anna@desk.example', Privileged => 1},
    {Name => 'cxloop', EmailAddress => 'cxloop@desk.example', Privileged => 1, Timezone => 'America/Los_Angeles'},
);
our @Queues = ({Name => 'Support'}, {Name => 'Billing'});
our @CustomFields = (
    {Name => 'Plan', Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket', Queue => 'Support'},
);
our @ACL = (
    (map { {GroupDomain => 'SystemInternal', GroupType => 'Everyone', Right => $_} } qw(CreateTicket ReplyToTicket)),
    {UserId => 'anna', Right => 'SuperUser'},
    (map { {UserId => 'cxloop', Right => $_} }
        qw(SeeQueue ShowTicket ShowTicketComments SeeCustomField AdminUsers ManageAuthTokens)),
);
our @Final = (sub {
    for my $name (qw(anna cxloop)) {
        my $user = RT::CurrentUser->new; $user->Load($name);
        my (undef, $said, $token) = RT::AuthToken->new($user)->Create(Owner => $user->id, Description => 'test');
        print "\\ntoken $name ", $token || $said, "\\n";
    }
});
1;
"""
"""An agent who may do all, and a reader with the rights that the documentation asks for, in another zone than UTC."""


@dataclass(frozen=True)
class Desk:
    """A helpdesk that runs: what agents do over REST2, what customers do by mail.

    Attributes:
        tokens: of each user, by name.
        own: the environment of its programs.
    """

    port: int
    tokens: dict[str, str]
    own: dict[str, str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def call(self, method: str, path: str, body: Any = None, user: str = AGENT) -> Any:
        """What REST2 answers to a user."""
        status, answer = self._asked(
            method, f"/REST/2.0{path}", json.dumps(body) if body is not None else "",
            {"Authorization": f"token {self.tokens[user]}", "Content-Type": "application/json"},
        )  # fmt: skip
        assert status < 300, (status, answer)
        return json.loads(answer) if answer else None

    def open(self, requestor: str, subject: str, queue: str = "Support", **more: Any) -> int:
        """A ticket that an agent opens for somebody; its number."""
        made = self.call("POST", "/ticket", {"Queue": queue, "Subject": subject, "Requestor": requestor, **more})
        return int(made["id"])

    def change(self, ticket: int, **fields: Any) -> None:
        """Set fields of a ticket."""
        self.call("PUT", f"/ticket/{ticket}", fields)

    def say(self, ticket: int, text: str, *, is_public: bool = True) -> None:
        """An answer to the customer, or a comment that stays inside."""
        way = "correspond" if is_public else "comment"
        self.call("POST", f"/ticket/{ticket}/{way}", {"Content": text, "ContentType": "text/plain"})

    def mail(self, sender: str, subject: str, text: str, queue: str = "Support") -> None:
        """A customer's mail, through RT's own gate; `[desk.example #7]` in the subject answers ticket 7."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, f"{queue}@desk.example", subject
        message.set_content(text)
        status, answer = self._asked(
            "POST", "/REST/1.0/NoAuth/mail-gateway",
            urlencode({"queue": queue, "action": "correspond", "message": message.as_string()}),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
        assert (status, answer.splitlines()[0]) == (200, "ok"), (status, answer)

    def shred(self, ticket: int) -> None:
        """Remove a ticket from the database, as an administrator does: nothing tells that it was there."""
        arguments = ["--force", "--plugin", f"Tickets=query,id = {ticket};limit,1"]
        done = subprocess.run(
            [SHREDDER, *arguments], env=self.own, capture_output=True, text=True, check=False, cwd=self.own["TMPDIR"]
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def answers(self) -> bool:
        """Whether it takes calls yet."""
        with suppress(OSError):
            return self._asked("GET", "/REST/2.0/rt", "", {})[0] == 401
        return False

    def _asked(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body.encode(), headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()


@contextmanager
def request_tracker(home: Path) -> Iterator[Desk]:
    """A helpdesk with two queues, an agent and a reader; its processes are gone afterwards."""
    if not PROGRAM.exists() or shutil.which(SETUP) is None:
        raise FileNotFoundError(
            f"{PROGRAM} is not there. Install it (Debian 12): "
            "apt-get install request-tracker5 rt5-standalone rt5-db-sqlite starman"
        )
    port = _free_port()
    for folder in ("mason", "sessions", "site.d", "mail"):
        (home / folder).mkdir(parents=True)
    (home / "site.pm").write_text(SITE % {"port": port, "home": home}, encoding="utf-8")
    (home / "desk.pm").write_text(DESK, encoding="utf-8")
    site = {"RT_SITE_CONFIG": str(home / "site.pm"), "RT_SITE_CONFIG_DIR": str(home / "site.d")}
    own = environment(**site, TMPDIR=str(home / "mail"))  # it keeps what it would send
    _run(own, "--action", "init")
    said = _run(own, "--action", "insert", "--datafile", str(home / "desk.pm"))
    tokens = {name: token for word, name, token in _words(said) if word == "token"}
    server = subprocess.Popen(
        ["timeout", "--kill-after=5", str(LONGEST_S), str(PROGRAM), "--server", "Starman", "--workers", "1",
         "--listen", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, env=own, cwd=home,
    )  # fmt: skip
    try:
        desk = Desk(port, tokens, own)
        until(desk.answers, "Request Tracker answers")
        yield desk
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _run(own: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([SETUP, *arguments], env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _words(said: str) -> Iterator[tuple[str, str, str]]:
    for line in said.splitlines():
        words = line.split(" ")
        if len(words) == 3:
            yield words[0], words[1], words[2]


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
