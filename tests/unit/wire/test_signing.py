"""Headers that prove who asks."""

import base64
import json
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from domain.connectors import Basic, Public, ServiceAccount, SignedToken, Token
from domain.errors import SourceRefusedError
from tests.fakes.clock import BEGINNING
from wire.signing import Signer
from wire.veil import HIDDEN, Veil

VARIABLES = {"key": "ACME_KEY", "key_id": "ACME_KEY_ID", "issuer": "ACME_ISSUER", "email": "ACME_EMAIL"}


def pem(key) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()  # fmt: skip


@pytest.fixture(scope="module")
def curve():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def account():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signer(auth, exchange=lambda url, form: None, veil=None, **secrets: str) -> Signer:
    return Signer(auth, secrets, VARIABLES, veil or Veil(), exchange)


def test_a_public_source_is_asked_without_a_key():
    assert signer(Public()).headers(BEGINNING) == {}


def test_basic_is_a_user_and_a_password():
    headers = signer(Basic("{email}/token", "{key}"), email="ann@acme.example", key="kö").headers(BEGINNING)
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode() == "ann@acme.example/token:kö"


def test_basic_hides_what_it_sends():
    veil = Veil()
    sent = signer(Basic("{key}", "X"), veil=veil, key="a-key").headers(BEGINNING)["Authorization"]
    assert veil.over(sent) == f"Basic {HIDDEN}"


def test_a_token_goes_into_its_header():
    assert signer(Token("{key}", "X-API-TOKEN"), key="abc").headers(BEGINNING) == {"X-API-TOKEN": "abc"}


def test_a_signed_token_is_made_anew_shortly_before_it_ends(curve):
    made = signer(SignedToken("key", "key_id", "issuer", "store-v1"), key=pem(curve), key_id="K1", issuer="I1")
    first = made.headers(BEGINNING)["Authorization"].removeprefix("Bearer ")
    options = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(first, curve.public_key(), ["ES256"], audience="store-v1", options=options)
    begin = int(BEGINNING.timestamp())
    assert claims == {"iss": "I1", "iat": begin, "exp": begin + 900, "aud": "store-v1"}
    assert jwt.get_unverified_header(first)["kid"] == "K1"
    assert made.headers(BEGINNING + timedelta(minutes=13))["Authorization"].endswith(first)
    assert not made.headers(BEGINNING + timedelta(minutes=14))["Authorization"].endswith(first)


def test_a_service_account_exchanges_a_signed_request_for_a_token(account):
    asked: list[tuple[str, str]] = []

    def exchange(url, form):
        claims = jwt.decode(
            form["assertion"], account.public_key(), ["RS256"], audience=url,
            options={"verify_exp": False, "verify_iat": False},
        )  # fmt: skip
        asked.append((claims["iss"], claims["scope"]))
        return {"access_token": f"token-{len(asked)}", "expires_in": 3600}

    held = json.dumps({
        "client_email": "robot@acme.example", "private_key": pem(account), "token_uri": "https://tokens.example/t",
        "private_key_id": "K2",
    })  # fmt: skip
    made = signer(ServiceAccount("key", "reviews"), exchange, key=held)
    assert made.headers(BEGINNING) == {"Authorization": "Bearer token-1"}
    assert made.headers(BEGINNING + timedelta(minutes=58)) == {"Authorization": "Bearer token-1"}
    assert made.headers(BEGINNING + timedelta(minutes=59)) == {"Authorization": "Bearer token-2"}
    assert asked == [("robot@acme.example", "reviews")] * 2


@pytest.mark.parametrize(
    ("auth", "key"),
    [
        (SignedToken("key", "key_id", "issuer", "a"), "no-pem-canary"),
        (ServiceAccount("key", "s"), "no-json-canary"),
        (ServiceAccount("key", "s"), '{"client_email": "canary"}'),
        (ServiceAccount("key", "s"), '{"client_email": "e", "private_key": "canary", "token_uri": "https://t"}'),
        (Token("{key}"), "canary\nX-Other: 1"),
        (Token("{key}"), "canarý"),
        (Token("{key}"), ""),
    ],
)
def test_a_secret_that_does_not_fit_is_named_and_not_shown(auth, key):
    with pytest.raises(SourceRefusedError, match="ACME_KEY") as error:
        signer(auth, key=key, key_id="K", issuer="I").headers(BEGINNING)
    assert "canar" not in str(error.value)


@pytest.mark.parametrize("given", [None, {}, {"error": "invalid_grant"}, {"access_token": "t", "expires_in": "soon"}])
def test_an_exchange_that_gives_no_token_is_a_refused_key(account, given):
    held = json.dumps({"client_email": "e", "private_key": pem(account), "token_uri": "https://t"})
    with pytest.raises(SourceRefusedError, match="ACME_KEY"):
        signer(ServiceAccount("key", "s"), lambda url, form: given, key=held).headers(BEGINNING)


def test_a_veil_hides_secrets_as_urls_and_json_write_them():
    veil = Veil(['a b/"c"', "-----BEGIN-----\nsecond line\n-----END-----"])
    text = 'a b/"c" a%20b%2F%22c%22 a+b%2F%22c%22 a b/\\"c\\" second line'
    assert veil.over(text) == " ".join([HIDDEN] * 5)
    assert "second" not in repr(veil)
