"""The admin: Django's own, in French, with a second factor where it is asked for."""

from django.contrib import admin


class AuPosteAdminSite(admin.AdminSite):
    site_header = "Au Poste"
    site_title = "Au Poste"
    index_title = "La rédaction"
