from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from donations.models import ReceiptIssuer
from tests.admin.world import person
from tests.donations.receipts.world import issuer


@pytest.fixture(autouse=True)
def quick_passwords(settings: object) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def entity(db: None) -> ReceiptIssuer:
    """One that may give attestations only."""
    return issuer()


@pytest.fixture
def entitled(db: None) -> ReceiptIssuer:
    return issuer(is_entitled=True, legal_basis="l’article 200 du CGI")


@pytest.fixture
def staff(db: None) -> Callable[[str], Client]:
    """A browser in which this person is signed in; `outsider` is nobody."""

    def sign_in(role: str) -> Client:
        client = Client()
        if role != "outsider":
            user = User.objects.filter(username=role).first() or person(role)
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def treasurer(staff: Callable[[str], Client]) -> Client:
    return staff("treasurer")
