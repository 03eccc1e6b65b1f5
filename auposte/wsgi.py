"""The WSGI application that granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from auposte.http import in_utf8_only

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "auposte.settings")
application = in_utf8_only(get_wsgi_application())

from auposte.checks import (  # noqa: E402  # needs Django set up
    exit_on_wrong_settings,
    pages_have_their_files,
)

exit_on_wrong_settings(*pages_have_their_files())

# What is loaded now stays: looking it over again and again took a sixth of a page's time.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
