"""Settings from the environment (or the project's `.env`); secrets never print."""

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.errors import ConfigError
from domain.project import Project


class Settings(BaseSettings):
    """Everything that can be set. Names in the environment start with `CXLOOP_`."""

    model_config = SettingsConfigDict(env_prefix="CXLOOP_", extra="ignore", env_file_encoding="utf-8")

    database_url: SecretStr | None = Field(
        None,
        description="database; default: SQLite in the project's .cxloop folder",
        examples=["postgresql+psycopg://user:password@host/db"],
    )
    data: Path | None = Field(None, description="folder that ${CXLOOP_DATA} names in sources.yaml", examples=["/data"])
    slack_token: SecretStr | None = Field(
        None,
        description="Slack bot token, or `block:` and the name of a Prefect Secret block; default: messages are "
        "written under out/",
        examples=["xoxb-…", "block:acme-slack"],
    )
    slack_base_url: str = Field("https://slack.com/api/", description="Slack, or a stand-in for tests")
    max_quarantine_share: float = Field(
        0.02, ge=0, le=1, description="share of a batch's rows that may be set aside before the batch is refused"
    )
    pseudonym_key: SecretStr | None = Field(
        None, description="key of the pseudonyms of agents and addresses; default: the project's name"
    )
    rows_at_once: int = Field(
        6_000_000,
        ge=1,
        description="more facts than this are measured in pieces, by months, weeks or customers, so that not all "
        "of them are held at once",
    )
    task_runner: str = Field(
        "threads",
        pattern=r"^(threads|dask(://[^\s/]+)?)$",
        description="what measures the pieces of a long history: `threads`; `dask`: processes on this machine; "
        "`dask://host:port`: a Dask cluster (needs the extra 'dask' and PostgreSQL)",
        examples=["dask://scheduler:8786"],
    )
    lease_seconds: int = Field(90, ge=5, description="a run that does not renew for this long is taken over")


def named_values(project: Project) -> Mapping[str, str]:
    """What `${VARIABLE}`s and `secrets:` in sources.yaml may name: the environment, over the project's `.env`."""
    settings = load_settings(project)
    written = dotenv_values(project.dotenv) if project.dotenv.is_file() else {}
    data = {"CXLOOP_DATA": str(settings.data)} if settings.data else {}
    return {**data, **{name: value for name, value in written.items() if value}, **os.environ}


def load_settings(project: Project) -> Settings:
    """The settings of a project; ConfigError names each bad one, never its value."""
    try:
        return Settings(_env_file=project.dotenv if project.dotenv.is_file() else None)  # pyright: ignore[reportCallIssue]
    except ValidationError as error:
        wrong = "; ".join(f"CXLOOP_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise ConfigError(f"a setting is wrong: {wrong}. See .env.example for what each takes.") from None
