"""A vendor's door: the secrets it gave, wrong ones, and who may come in."""

import json
from base64 import b64encode
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from domain.connectors import Basic, Connector, Public, ServiceAccount, SignedToken, Token
from domain.paging import Answer
from tests.fakes.fault_server import Asked, Reply

TOKENS = "/oauth/token"
_GRANTED = "granted-to-the-account"
_SLACKS = {"ok": False, "error": "invalid_auth"}


class Door:
    """What a connector must show."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    def secrets(self, address: str, *, are_right: bool = True) -> dict[str, str]:
        """The secrets by the connector's names."""
        word = "canary" if are_right else "stolen"
        made = {secret.name: f"{word}-{secret.name}-5c0ffee" for secret in self._connector.secrets}
        match self._connector.auth:
            case SignedToken() as auth:
                made[auth.key] = _pem(_elliptic(word))
            case ServiceAccount() as auth:
                account = {
                    "private_key": _pem(_rsa(word)),
                    "token_uri": f"{address}{TOKENS}",
                    "client_email": "a@b.test",
                }
                made[auth.account] = json.dumps(account)
            case _:
                pass
        return made

    def refusal(self, asked: Asked) -> Reply | None:
        """The answer to who may not come in."""
        if self._admits(asked):
            return None
        says_so = self._connector.refusal(Answer("", {}, b"", _SLACKS))
        return Reply(_SLACKS) if says_so else Reply({"error": "unauthorized"}, 401)

    def token(self, asked: Asked) -> Reply:
        """What a signed request is exchanged for."""
        signed = parse_qs(asked.content.decode())["assertion"][0]
        try:
            jwt.decode(signed, _rsa("canary").public_key(), ["RS256"], options=_UNTIMED)
        except jwt.InvalidTokenError:
            return Reply({"error": "invalid_grant"}, 400)
        return Reply({"access_token": _GRANTED, "expires_in": 3600})

    def _admits(self, asked: Asked) -> bool:
        shown, right = asked.headers.get("authorization", ""), self.secrets("")
        match self._connector.auth:
            case Public():
                return True
            case Basic(user, password):
                pair = f"{user}:{password}".format(**right)
                return shown == f"Basic {b64encode(pair.encode()).decode()}"
            case Token(value, header):
                return asked.headers.get(header.lower()) == value.format(**right)
            case ServiceAccount():
                return shown == f"Bearer {_GRANTED}"
            case SignedToken(audience=audience):
                try:
                    jwt.decode(
                        shown.removeprefix("Bearer "), _elliptic("canary").public_key(), ["ES256"], audience=audience,
                        options={"verify_exp": False, "verify_iat": False},
                    )  # fmt: skip
                except jwt.InvalidTokenError:
                    return False
                return True


_UNTIMED: Any = {"verify_exp": False, "verify_iat": False, "verify_aud": False}


@cache
def _elliptic(_: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def _rsa(_: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
