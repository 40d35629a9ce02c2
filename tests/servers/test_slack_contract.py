"""Every request that the Slack transport makes fits Slack's published contract, as an independent program reads it."""

import json
from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from domain.errors import DeliveryError
from tests.servers.conftest import CONTRACT, TOKEN
from tests.servers.node_tools import serving
from tests.servers.relay import Passed, Relay, relaying
from wire.slack import Method, Sent, Slack

pytestmark = pytest.mark.servers
CHANNEL, MESSAGE = "C1H9RESGL", Sent("C1H9RESGL", "1503435956.000247")
OLDER = {
    f"{Method.UPDATE}: Request body property link_names must be string",
    f"{Method.LIST}: Request body property exclude_archived must be boolean",
}
"""Where the document, of 2021, differs from Slack's own library, which writes yes as `true` in JSON, as 1 in forms."""
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Office NPS is 16*"}}]


@pytest.fixture(scope="module")
def contract() -> Iterator[str]:
    """The address of a server that knows the contract and nothing else."""
    with serving("prism", "mock", "--multiprocess", "false", str(CONTRACT)) as address:
        yield address


@pytest.fixture
def relay(contract: str) -> Iterator[tuple[Relay, str]]:
    with relaying(contract) as relay_and_address:
        yield relay_and_address


def wrong_in(call: Passed) -> list[str]:
    """What is wrong with a request; the document's own examples of answers are not our matter."""
    found = json.loads(call.headers.get("sl-violations", "[]"))
    return [f"{call.method}: {one['message']}" for one in found if one["location"][0] == "request"]


def test_every_request_fits_the_contract(relay: tuple[Relay, str]) -> None:
    passed, address = relay
    slack = Slack(TOKEN, address)
    slack.post(CHANNEL, "Office NPS is 16", BLOCKS, "m1")
    slack.post(CHANNEL, "it got worse", BLOCKS, "m2", thread_ts=MESSAGE.ts)
    slack.find(CHANNEL, "m3")
    slack.find(CHANNEL, "m4", thread_ts=MESSAGE.ts)
    with pytest.raises(DeliveryError):  # see OLDER
        slack.update(MESSAGE, "Office NPS is back", BLOCKS, "m5")
    with pytest.raises(DeliveryError):
        slack.find("#cx", "m6")
    assert {call.method for call in passed.passed} == set(Method)
    assert {wrong for call in passed.passed for wrong in wrong_in(call)} == OLDER
    assert {call.method for call in passed.passed if call.status != 200} == {Method.UPDATE, Method.LIST}


def test_the_contract_refuses_a_message_without_a_channel_and_one_without_a_token(relay: tuple[Relay, str]) -> None:
    passed, address = relay
    for token, message in ((TOKEN, {"text": "to nowhere"}), ("", {"channel": CHANNEL, "text": "from nobody"})):
        with pytest.raises(SlackApiError):
            WebClient(token, base_url=f"{address}/").api_call(Method.POST, json=message)
    assert [call.status for call in passed.passed] == [422, 401]
    assert wrong_in(passed.passed[0]) == [f"{Method.POST}: Request body must have required property 'channel'"]
