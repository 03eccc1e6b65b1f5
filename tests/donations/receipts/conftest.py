import pytest

from donations.models import ReceiptIssuer
from tests.donations.receipts.world import issuer


@pytest.fixture
def entity(db: None) -> ReceiptIssuer:
    """One that may give attestations only."""
    return issuer()


@pytest.fixture
def entitled(db: None) -> ReceiptIssuer:
    return issuer(is_entitled=True, legal_basis="l’article 200 du CGI")
