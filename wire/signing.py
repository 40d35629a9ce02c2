"""Headers that prove who asks, made from a connector's facts and the user's secrets."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from domain.connectors import Auth, Basic, Public, ServiceAccount, SignedToken, Token
from domain.errors import SourceRefusedError
from wire.veil import Veil

Exchange = Callable[[str, Mapping[str, str]], Any]
"""POST a form to a URL; the JSON that came back."""

_SPARE = timedelta(minutes=1)
"""A token is made anew this long before it ends."""
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class _Kept:
    token: str
    until: datetime


class Signer:
    """Signs the calls of one source. Every token it makes is hidden by the veil.

    Args:
        variables: environment variable by name of the secret, for messages.
        exchange: asks for a token (Google).
    """

    def __init__(
        self, auth: Auth, secrets: Mapping[str, str], variables: Mapping[str, str], veil: Veil, exchange: Exchange
    ) -> None:
        self._auth, self._secrets, self._variables = auth, secrets, variables
        self._veil, self._exchange = veil, exchange
        self._kept: _Kept | None = None

    def headers(self, now: datetime) -> dict[str, str]:
        """The headers of a call made now.

        Raises:
            SourceRefusedError: a secret is missing, or is not what it should be; names its variable.
            SourceUnavailableError: the place that gives tokens does not answer.
        """
        match self._auth:
            case Public():
                return {}
            case Basic(user, password):
                pair = f"{self._filled(user)}:{self._filled(password)}"
                return {"Authorization": f"Basic {self._hidden(base64.b64encode(pair.encode()).decode())}"}
            case Token(value, header):
                return {header: self._sendable(self._filled(value))}
            case SignedToken() as auth:
                return {"Authorization": f"Bearer {self._current(now, lambda: self._signed(auth, now))}"}
            case ServiceAccount() as auth:
                return {"Authorization": f"Bearer {self._current(now, lambda: self._exchanged(auth, now))}"}

    def _current(self, now: datetime, made: Callable[[], _Kept]) -> str:
        if self._kept is None or now >= self._kept.until - _SPARE:
            self._kept = made()
        return self._hidden(self._kept.token)

    def _signed(self, auth: SignedToken, now: datetime) -> _Kept:
        until = now + auth.lifetime
        claims = {"iss": self._secret(auth.issuer), "iat": now, "exp": until, "aud": auth.audience}
        return _Kept(self._sealed(claims, auth.key, self._secret(auth.key), "ES256", self._secret(auth.key_id)), until)

    def _exchanged(self, auth: ServiceAccount, now: datetime) -> _Kept:
        try:
            account = json.loads(self._secret(auth.account))
            key, url, who = str(account["private_key"]), str(account["token_uri"]), str(account["client_email"])
        except (ValueError, KeyError, TypeError):
            raise self._unfit(auth.account, "the JSON key of a service account, as the vendor's file has it") from None
        self._veil.add(key)
        claims = {"iss": who, "scope": auth.scope, "aud": url, "iat": now, "exp": now + _HOUR}
        assertion = self._sealed(claims, auth.account, key, "RS256", account.get("private_key_id"))
        given = self._exchange(url, {"grant_type": _GRANT, "assertion": self._hidden(assertion)})
        try:
            return _Kept(str(given["access_token"]), now + timedelta(seconds=float(given.get("expires_in", 0))))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise self._unfit(auth.account, "a key that the vendor gives an access token for") from None

    def _sealed(self, claims: dict[str, Any], name: str, key: str, algorithm: str, key_id: str | None) -> str:
        try:
            return jwt.encode(claims, key, algorithm, headers={"kid": key_id} if key_id else None)
        except (jwt.PyJWTError, ValueError, TypeError):
            raise self._unfit(name, f"a private key in PEM for {algorithm}") from None

    def _filled(self, template: str) -> str:
        for name in self._variables:
            if f"{{{name}}}" in template:
                self._secret(name)
        return template.format(**self._secrets)

    def _secret(self, name: str) -> str:
        value = self._secrets.get(name, "")
        if not value:
            raise self._unfit(name, "the secret it stands for; it is empty or not set")
        return value

    def _sendable(self, value: str) -> str:
        if value.isascii() and value.isprintable() and value == value.strip():
            return value
        names = ", ".join(self._variables.values())
        raise SourceRefusedError(
            f"{names}: a secret that goes into a header must be plain characters on one line, without spaces or line "
            "breaks around it. Copy it again."
        )

    def _hidden(self, token: str) -> str:
        self._veil.add(token)
        return token

    def _unfit(self, name: str, expected: str) -> SourceRefusedError:
        return SourceRefusedError(f"{self._variables.get(name, name)}: expected {expected}. Set it, then run again.")
