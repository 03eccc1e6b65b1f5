from django.urls import path

from outlet import views
from outlet.models import LEGAL

app_name = "outlet"

urlpatterns = [
    path("lettre", views.subscribe, name="subscribe"),
    path("lettre/<uuid:key>", views.subscription, name="subscription"),
    path("lettre/<uuid:key>/quitter", views.leave, name="leave"),
    path("contact", views.contact, name="contact"),
    *(path(slug, views.page, {"slug": slug}) for slug in LEGAL),
    path("pages/<slug:slug>", views.page, name="page"),
]
