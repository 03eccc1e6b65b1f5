from django.urls import path

from donations import webhooks
from donations.views import giving, till

app_name = "donations"

urlpatterns = [
    path("don", giving.give, name="give"),
    path("don/merci", giving.thanks, name="thanks"),
    path("fragments/collecte", till.till, name="till"),
    path("stripe/webhook", webhooks.stripe_webhook, name="stripe-webhook"),
]
