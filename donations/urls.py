from django.urls import path, register_converter

from donations import webhooks
from donations.views import (
    giving,
    manage,
    manage_monthly,
    overlay,
    regie,
    slip,
    till,
    transparency,
)  # fmt: skip

app_name = "donations"

register_converter(transparency.MonthConverter, "month")

urlpatterns = [
    path("don", giving.give, name="give"),
    path("don/merci", giving.thanks, name="thanks"),
    path("don/bulletin", slip.slip, name="slip"),
    path("don/gerer", manage.manage, name="manage"),
    path("don/gerer/quitter", manage.leave, name="leave"),
    path("don/gerer/mes-donnees", manage.data, name="my-data"),
    path("don/gerer/noms", manage.names, name="my-names"),
    path("don/gerer/noms/<uuid:gift_id>", manage.names, name="my-name"),
    path("don/gerer/adresse", manage.address, name="my-address"),
    path("don/gerer/recus/<uuid:receipt_id>.pdf", manage.receipt, name="my-receipt"),
    path("don/gerer/mensuel/<uuid:pk>/arreter", manage_monthly.stop, name="my-stop"),
    path("don/gerer/mensuel/<uuid:pk>/montant", manage_monthly.amount, name="my-amount"),
    path("don/gerer/mensuel/<uuid:pk>/stripe", manage_monthly.portal, name="my-portal"),
    path("don/gerer/effacer", manage.erase, name="erase-me"),
    path("don/gerer/efface", manage.erased, name="erased"),
    # Last: anything else there is taken for a link's secret.
    path("don/gerer/<str:secret>", manage.enter, name="enter"),
    path("fragments/collecte", till.till, name="till"),
    path("overlay/collecte", overlay.overlay, name="overlay"),
    path("overlay/collecte/etat", overlay.overlay_state, name="overlay-state"),
    path("admin/regie", regie.regie, name="regie"),
    path("transparence", transparency.overview, name="accounts"),
    path("transparence.csv", transparency.overview_csv, name="accounts-csv"),
    path("transparence.json", transparency.overview_json, name="accounts-json"),
    path("transparence/<month:month>", transparency.month, name="accounts-month"),
    path("transparence/<month:month>.csv", transparency.month_csv),
    path("transparence/<month:month>.json", transparency.month_json),
    path("transparence/collectes/<number:pk>", transparency.collection, name="accounts-collection"),
    path("transparence/collectes/<number:pk>.csv", transparency.collection_csv),
    path("transparence/collectes/<number:pk>.json", transparency.collection_json),
    path("stripe/webhook", webhooks.stripe_webhook, name="stripe-webhook"),
]
