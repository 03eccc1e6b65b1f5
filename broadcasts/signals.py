"""What the rest of the platform may want to hear of a broadcast."""

from django.dispatch import Signal

# A broadcast that readers could see has gone from the site: `broadcast_id`, `path`. Sent once that
# is committed. Whoever keeps pages (a cache) lets go of them at once: this is no mere edit.
left_the_site = Signal()
