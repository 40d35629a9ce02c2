"""What is taken out of people's words, and what stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.masking import CARD, EMAIL, PHONE, masked


@pytest.mark.parametrize("written", ["ann@example.org", "a.b+c@mail.example.co.uk", "jürgen@müller.de", "ANN@EX.ORG"])
def test_an_email_address_is_masked(written: str) -> None:
    assert masked(f"write <{written}>, please.") == f"write <{EMAIL}>, please."
    assert masked(f"{written}.") == f"{EMAIL}."


@pytest.mark.parametrize(
    "written",
    ["+49 30 901820", "030/901820", "0171-1234567", "(0171) 123 45 67", "+1 (650) 253-0000", "650-253-0000",
     "650 253 0000"],
)  # fmt: skip
def test_a_phone_number_is_masked(written: str) -> None:
    assert masked(f"call {written} now") == f"call {PHONE} now"
    assert masked(f"{written}.") == f"{PHONE}."


@pytest.mark.parametrize("written", ["4111 1111 1111 1111", "4111111111111111", "3782-822463-10005"])
def test_a_card_number_is_masked(written: str) -> None:
    assert masked(f"my card {written}") == f"my card {CARD}"


@pytest.mark.parametrize(
    "written",
    ["order 4711", "2026-03-16", "16.03.2026", "at 12:30:15", "1,234,567 pieces", "ticket 123456789", "version 1.2.3",
     "https://desk.example/tickets/0123456789", "5 of 10 in 2025 and 2026", ""],
)  # fmt: skip
def test_what_is_nobodys_number_stays(written: str) -> None:
    assert masked(written) == written


@given(st.text())
def test_masking_twice_is_masking_once(text: str) -> None:
    assert masked(masked(text)) == masked(text)
