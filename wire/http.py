"""One source's line to its vendor: patient, within its share of the vendor's rate, and silent about secrets.

What is tried again: no connection, time-outs, 408, 425, 429, 5xx, a body that broke on its way. A wait that the
vendor asks for is kept, up to 15 minutes; beyond, the source is left until then. Everything else stops the source with
a message that says what to mend. Only the address's own origin is ever called, by redirects and page URLs too.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from domain.connectors import Connector, Rate
from domain.errors import SourceChangedError, SourceRefusedError, SourceUnavailableError
from domain.paging import Answer, Request
from domain.source_specs import Quota
from wire.addresses import ElsewhereError, origin_of, path_of, url_of
from wire.allowance import Allowance, Book, DaySpentError, Memory
from wire.clock import Clock, SystemClock
from wire.line import Call, Expects, Limits, Line, UnfitError, understood
from wire.patience import asked_wait, spent_wait
from wire.quota import Spacing
from wire.refusals import BadRequestError, TryAgainError, judge, refused
from wire.signing import Signer
from wire.veil import Placeholders, Veil

_ACCEPTS: Final[Mapping[Expects, str]] = {"json": "application/json", "text": "*/*", "file": "*/*"}


class DeadlineError(SourceUnavailableError):
    """The time that this fetch had is over; it goes on the next time."""


class Caller:
    """Calls one source. For one thread.

    Args:
        connector: the vendor's facts.
        address: where it is, filled in.
        secrets: by the connector's names.
        variables: environment variable by name of a secret; by default the connector's own.
        hidden: what else is shown nowhere, by the variable that holds it: the address's `${VARIABLE}`s.
        book: keeps count of the day's calls, where the vendor allows so many; by default this object does.
        spacing: of the source's calls, where several callers share it; otherwise made of `quota` and `zone`.
        quota: our share of the vendor's rate.
        zone: where the quota's night is.
    """

    def __init__(
        self,
        connector: Connector,
        address: str,
        secrets: Mapping[str, str],
        *,
        variables: Mapping[str, str] | None = None,
        hidden: Mapping[str, str] | None = None,
        book: Book | None = None,
        spacing: Spacing | None = None,
        quota: Quota | None = None,
        zone: str = "UTC",
        clock: Clock | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.connector, self.address = connector, address
        self.veil, self._hidden = Veil([*secrets.values(), *(hidden or {}).values()]), Placeholders(hidden or {})
        self.clock: Clock = clock or SystemClock()
        self.limits = limits or Limits()
        named = {secret.name: secret.variable for secret in connector.secrets} | dict(variables or {})
        self._variables = ", ".join(named.values()) or "the source's address"
        self._spacing = spacing or Spacing(quota or Quota(), self.clock, zone)
        share, per_day = self._spacing.share, connector.per_day
        self._allowance = Allowance(per_day, share, self.clock, book or Memory()) if per_day else None
        self._signer = Signer(connector.auth, secrets, named, self.veil, self._exchanged)
        self._line = Line(self.limits, self.clock, lambda until: self.pause(0, until))

    def __repr__(self) -> str:
        return f"Caller({self.connector.kind}, {self.veil.over(self.address)})"

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._line.close()

    def call(
        self, request: Request, *, rate: Rate | None = None, until: float | None = None, expects: Expects = "json"
    ) -> Answer:
        """The answer to a request; its body is None for a file, a `str` for a text.

        Args:
            request: below the address, or of a whole URL at its origin.
            rate: the list's own limit, beside the connector's.
            until: by `clock.monotonic()`; nothing is waited for beyond it.
            expects: what the body must be.

        Raises:
            DeadlineError: `until` is reached.
            DaySpentError: the calls of this day are spent.
            SourceUnavailableError: it did not answer well after all tries, or asks to come back much later.
            SourceRefusedError: the key is refused.
            MissingError: 404, 410.
            BadRequestError: 400, 422 and the like.
            SourceChangedError: the answer is something else than expected, is too big, or leads elsewhere.
        """
        url = self.url_of(request)
        content = None if request.body is None else json.dumps(request.body).encode()
        kind = {} if content is None else {"Content-Type": "application/json"}
        headers = {"Accept": _ACCEPTS[expects], **kind, **self.connector.headers, **request.headers}
        rates = (self.connector.rate,) if rate is None else (self.connector.rate, rate)
        answer = self._tried(Call(url, request.method, headers, content, expects, rates=rates, until=until))
        if expects == "json" and (said := self.connector.refusal(answer)):
            where = self.veil.over(f"{self.connector.title} ({request.method} {path_of(url)})")
            raise refused(where, said, self._variables, self.veil)
        return answer

    def at(self, request: Request, url: str) -> Request:
        """The request at a whole URL, to be kept: what is hidden stands in it as `${VARIABLE}`.

        Raises:
            SourceChangedError: it is at another origin.
        """
        kept = request.at(self._hidden.put_into(url))
        self.url_of(kept)
        return kept

    def url_of(self, request: Request) -> str:
        """Where a request goes; SourceChangedError where that is another origin."""
        try:
            return url_of(self.address, self._hidden.filled(request.path), request.query)
        except ElsewhereError as place:
            raise self._changed(
                f"a page URL leads to {place}, expected {origin_of(self.address)}. No key is sent there"
            ) from None

    def pause(self, seconds: float, until: float | None) -> None:
        """Wait; DeadlineError, at once, where that would pass `until`."""
        if until is not None and self.clock.monotonic() + seconds > until:
            raise DeadlineError(
                f"{self.connector.title}: the time of this fetch is over. What came is kept; the next run goes on."
            )
        if seconds > 0:
            self.clock.sleep(seconds)

    def _tried(self, call: Call) -> Answer:
        tries = Retrying(
            sleep=lambda seconds: self.pause(float(seconds), call.until),
            stop=stop_after_attempt(self.limits.n_tries),
            wait=self._backoff,
            retry=retry_if_exception_type(TryAgainError),
            reraise=True,
        )
        try:
            return tries(self._once, call)
        except TryAgainError as last:
            raise SourceUnavailableError(
                f"{self.connector.title} ({self.veil.over(call.name)}): {self.veil.over(str(last))}, "
                f"{self.limits.n_tries} times. What came before is kept; the next run tries again."
            ) from None
        except UnfitError as found:
            raise self._changed(str(found)) from None

    def _backoff(self, state: RetryCallState) -> float:
        return min(self.limits.first_pause * 2 ** (state.attempt_number - 1), self.limits.longest_pause)

    def _once(self, call: Call) -> Answer:
        # signed first: a token may have to be asked for, which takes its own time
        if call.is_signed:
            call = replace(call, headers={**call.headers, **self._signer.headers(self.clock.now())})
        self._await_turn(call)
        status, answer = self._line.sent(call)
        if not 200 <= status < 300:
            self._refuse(call, status, answer)
        if 0 < (spent := spent_wait(answer.headers, self.clock.now())) <= self.limits.longest_wait:
            self._spacing.hold(spent)
        return understood(call, answer)

    def _await_turn(self, call: Call) -> None:
        wait = self._spacing.turn(call.rates)
        while wait > 0 or self._spacing.held() > 0:
            if (held := self._spacing.held()) > self.limits.longest_wait:
                raise self._much_later(held)
            self.pause(max(wait, held), call.until)
            wait = 0.0
        if self._allowance is not None and call.rates:
            self._await_day(self._allowance, call)

    def _await_day(self, allowance: Allowance, call: Call) -> None:
        """Take one of the day's calls; of the next day's, where that begins soon."""
        while (wait := allowance.take()) > 0:
            if wait > self.limits.longest_wait:
                raise self._day_spent(allowance, wait)
            self.pause(wait, call.until)

    def _refuse(self, call: Call, status: int, answer: Answer) -> None:
        try:
            judge(f"{self.connector.title} ({call.name})", status, answer, self._variables, self.veil)
        except TryAgainError:
            if self._allowance is not None and self.connector.is_day_spent(answer):
                self._allowance.end()
                raise self._day_spent(self._allowance, self._allowance.until_tomorrow()) from None
            wait = asked_wait(answer.headers, self.clock.now(), is_limit=status == 429) or 0.0
            self._spacing.hold(wait)
            if wait > self.limits.longest_wait:
                raise self._much_later(wait) from None
            raise

    def _exchanged(self, url: str, form: Mapping[str, str]) -> Any:
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        try:
            return self._tried(Call(url, "POST", headers, urlencode(form).encode(), is_signed=False)).body
        except BadRequestError as found:
            raise SourceRefusedError(f"{found} The key behind it is in {self._variables}.") from None

    def _changed(self, what: str) -> SourceChangedError:
        return SourceChangedError(
            f"{self.connector.title}: {self.veil.over(what)}; see docs/sources/{self.connector.kind}.md."
        )

    def _day_spent(self, allowance: Allowance, wait: float) -> DaySpentError:
        at = f"{self.clock.now() + timedelta(seconds=wait):%Y-%m-%d %H:%M} UTC"
        return DaySpentError(
            f"the calls of today are spent ({self.connector.title} allows {self.connector.per_day:,} a day, "
            f"{allowance.ours:,} of them are ours); it goes on tomorrow, from {at} on"
        )

    def _much_later(self, wait: float) -> SourceUnavailableError:
        if self._allowance is not None:
            return self._day_spent(self._allowance, wait)
        at = f"{self.clock.now() + timedelta(seconds=wait):%Y-%m-%d %H:%M} UTC"
        return SourceUnavailableError(
            f"{self.connector.title} asks not to be called before {at}; {self.limits.longest_wait / 60:g} minutes are "
            "waited at most. What came before is kept; a run after that goes on there."
        )
