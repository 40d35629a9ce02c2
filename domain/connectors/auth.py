"""Who asks: what a connector needs to be let in."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Secret:
    """One secret a connector needs.

    Attributes:
        name: how the connector's facts call it.
        variable: the environment variable it is read from, unless `secrets:` in sources.yaml names another.
        meaning: what it is and where the vendor gives it.
    """

    name: str
    variable: str
    meaning: str


@dataclass(frozen=True)
class Basic:
    """HTTP Basic. `{name}` stands for a secret."""

    user: str
    password: str


@dataclass(frozen=True)
class Token:
    """A header with a token. `{name}` stands for a secret."""

    value: str = "Bearer {token}"
    header: str = "Authorization"


@dataclass(frozen=True)
class SignedToken:
    """A short-lived token that we sign: App Store Connect (ES256).

    Attributes:
        key, key_id, issuer: names of secrets: the private key (PEM), its id, the issuer.
    """

    key: str
    key_id: str
    issuer: str
    audience: str
    lifetime: timedelta = timedelta(minutes=15)


@dataclass(frozen=True)
class ServiceAccount:
    """A token that a signed request is exchanged for: Google.

    Attributes:
        account: name of the secret that holds the account's JSON key.
    """

    account: str
    scope: str


@dataclass(frozen=True)
class Public:
    """Anyone may read it: a feed."""


Auth = Basic | Token | SignedToken | ServiceAccount | Public
