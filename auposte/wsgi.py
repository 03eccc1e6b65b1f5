"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "auposte.settings")
application = get_wsgi_application()

from auposte.checks import exit_on_wrong_settings  # noqa: E402  # needs Django set up

exit_on_wrong_settings()
