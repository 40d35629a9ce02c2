"""What a connector is: facts about a vendor's interface, and one pure parser for each stream of it.

A connector declares; `wire` calls, waits, pages and retries; `tasks/extract/connectors/` holds one module a
vendor. Its parser turns a page into rows of fact tables, whose values are typed, checked and prefixed by the
same code that reads files.
"""

from domain.connectors.auth import Auth, Basic, Public, Secret, ServiceAccount, SignedToken, Token
from domain.connectors.connector import Connector, Option
from domain.connectors.pages import Options, Page, Parse, Row, Rows, iso
from domain.connectors.reach import ENDLESS, Covers, Since
from domain.connectors.streams import Child, Field, Job, Rate, Stream

__all__ = [
    "ENDLESS", "Auth", "Basic", "Child", "Connector", "Covers", "Field", "Job", "Option", "Options", "Page", "Parse",
    "Public", "Rate", "Row", "Rows", "Secret", "ServiceAccount", "SignedToken", "Since", "Stream", "Token", "iso",
]  # fmt: skip
