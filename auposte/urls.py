from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from auposte import health, media

urlpatterns = [
    path("admin", RedirectView.as_view(pattern_name="admin:index", query_string=True)),
    # Before the admin's own, which answer for all that begins with admin/.
    path("", include("donations.urls")),
    path("", include("broadcasts.urls")),
    path("admin/", admin.site.urls),
    path("media/<path:path>", media.media),
    path("sante/vivant", health.alive),
    path("sante/pret", health.ready),
    path("", include("outlet.urls")),
]

handler403 = "auposte.staff_views.forbidden"
