from django.urls import path

from donations import views, webhooks

app_name = "donations"

urlpatterns = [
    path("don", views.give, name="give"),
    path("don/merci", views.thanks, name="thanks"),
    path("fragments/collecte", views.till, name="till"),
    path("stripe/webhook", webhooks.stripe_webhook, name="stripe-webhook"),
]
