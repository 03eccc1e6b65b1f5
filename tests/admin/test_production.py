"""The staff's cookies under the settings of production."""

from tests.test_settings import PUBLIC, start

ASK = """
import django; django.setup()
from django.conf import settings as s
print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY,
      s.CSRF_COOKIE_HTTPONLY, s.SESSION_COOKIE_PATH, s.CSRF_COOKIE_PATH)
"""


def test_cookies_travel_by_https_and_only_to_the_admin() -> None:
    done = start("-c", ASK, environment={**PUBLIC, "DJANGO_SETTINGS_MODULE": "auposte.settings"})
    assert done.stdout.split() == ["True"] * 4 + ["/admin/"] * 2, done.stderr
