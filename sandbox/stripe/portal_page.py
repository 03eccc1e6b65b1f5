"""The pages of monthly givers: the billing portal, and an unpaid invoice's page of its own.

French, without JavaScript; fields and buttons keep their names and `id`s, as on the checkout page.
"""

from __future__ import annotations

import datetime as dt

from sandbox.http.messages import Answer, Request
from sandbox.stripe import invoices, subscriptions
from sandbox.stripe.account import Account
from sandbox.stripe.errors import StripeError
from sandbox.stripe.page_parts import (
    NBSP,
    document,
    escape,
    euros,
    read_fields,
    redirect,
    rhythm,
)
from sandbox.stripe.store import Json

STATES = {
    "active": "en cours",
    "past_due": "paiement en retard",
    "canceled": "arrêté",
}
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
REFUSED = "Cette carte est refusée, ou n’est pas une carte d’essai. Rien n’a changé."
CARD_FIELD = """<label for="{key}-card">{label}</label>
<input id="{key}-card" name="card_number" inputmode="numeric" autocomplete="off" required
 placeholder="4242 4242 4242 4242">"""


class PortalPages:
    """Answers `/p/session/…`: a customer's subscriptions, the card that pays them, their end."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def handle(self, request: Request) -> Answer:
        """Answer one request of the customer's browser."""
        key, _, step = request.path.removeprefix("/p/session/").partition("/")
        session = self._account.store.get("billing_portal.session", key)
        if session is None or step:
            return document("Page introuvable", "<p>Ce lien n’existe pas ou plus.</p>", 404)
        if request.method != "POST":
            return self._page(session)
        fields = read_fields(request)
        subscription = self._account.store.get("subscription", fields.get("subscription", ""))
        if subscription is None or subscription["customer"] != session["customer"]:
            return document("Page introuvable", "<p>Ce don n’est pas le vôtre.</p>", 404)
        try:
            self._act(subscription["id"], fields)
        except StripeError:
            return self._page(session, REFUSED)
        return redirect(request.path)

    def _act(self, key: str, fields: dict[str, str]) -> None:
        with self._account.change() as change:
            match fields.get("action"):
                case "card":
                    subscriptions.set_card(change, key, fields.get("card_number", ""))
                case "cancel":
                    subscriptions.update(change, {"cancel_at_period_end": True}, key)
                case "resume":
                    subscriptions.update(change, {"cancel_at_period_end": False}, key)
                case _:
                    raise StripeError("Unknown action")

    def _page(self, session: Json, problem: str = "") -> Answer:
        store = self._account.store
        mine = [row for row in store.rows("subscription") if row["customer"] == session["customer"]]
        customer = store.get("customer", session["customer"]) or {"email": None}
        error = f'<p id="error" class="error" role="alert">{problem}</p>' if problem else ""
        back = session["return_url"]
        link = f'<p><a id="return" href="{escape(back)}">Revenir au site</a></p>' if back else ""
        body = f"""<p>Compte{NBSP}:
<strong class="email">{escape(customer["email"] or "")}</strong></p>
{error}
{"".join(self._subscription(session, row) for row in mine) or "<p>Aucun don mensuel.</p>"}
{link}"""
        return document("Gérer mes dons", body, 422 if problem else 200, back=back or "")

    def _subscription(self, session: Json, row: Json) -> str:
        key, items = row["id"], row["items"]["data"]
        total = sum(item["price"]["unit_amount"] * item["quantity"] for item in items)
        method = self._account.store.get("payment_method", row["default_payment_method"]) or {}
        last4 = (method.get("card") or method.get("sepa_debit") or {}).get("last4", "")
        kind = "Carte" if method.get("type") == "card" else "Compte"
        head = f"""<section class="box" id="{key}">
<h2>{euros(total)} {rhythm(items[0]["price"]["recurring"])}</h2>
<p>État{NBSP}: <span class="state">{STATES.get(row["status"], row["status"])}</span></p>"""
        if row["status"] == "canceled":
            return f"{head}\n</section>"
        when = _day(subscriptions.current_period(row)[1])
        ends = row["cancel_at_period_end"]
        action, label = ("resume", "Ne pas arrêter") if ends else ("cancel", "Arrêter ce don")
        start = f"""<form method="post" action="/p/session/{session["id"]}">
<input type="hidden" name="subscription" value="{key}">"""
        return f"""{head}
<p>{"S’arrête" if ends else "Prochain paiement"} le {when}</p>
<p>{kind} qui paie{NBSP}: •••• {last4}</p>
{start}
{CARD_FIELD.format(key=key, label="Nouvelle carte")}
<button id="card-{key}" name="action" value="card">Changer de carte</button>
</form>
{start}
<button id="{action}-{key}" name="action" value="{action}" class="second">{label}</button>
</form>
</section>"""


class InvoicePages:
    """Answers `/i/…`: an invoice's page, where the payer confirms it or pays by another card."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def handle(self, request: Request) -> Answer:
        """Answer one request of the payer's browser."""
        invoice = self._account.store.get("invoice", request.path.removeprefix("/i/"))
        if invoice is None:
            return document("Page introuvable", "<p>Cette facture n’existe pas.</p>", 404)
        if request.method != "POST" or invoice["status"] != "open":
            return self._page(invoice)
        fields, outcome = read_fields(request), "declined"
        try:
            with self._account.change() as change:
                if "decision" in fields:
                    confirm = fields["decision"] == "confirm"
                    outcome = invoices.authenticate(change, invoice["id"], confirm=confirm)
                else:
                    number = fields.get("card_number", "")
                    outcome = invoices.pay(change, invoice["id"], number)
        except StripeError:
            return self._page(invoice, REFUSED)
        if outcome == "declined":
            return self._page(
                self._account.store.get("invoice", invoice["id"]) or invoice,
                "Le paiement a été refusé. Rien n’a été prélevé.",
            )
        return redirect(request.path)

    def _page(self, invoice: Json, problem: str = "") -> Answer:
        key = invoice["id"]
        error = f'<p id="error" class="error" role="alert">{problem}</p>' if problem else ""
        if invoice["status"] == "paid":
            rest = '<p id="paid">Ce paiement est fait. Merci.</p>'
        elif self._challenged(key):
            rest = f"""<p>Votre banque demande de confirmer ce paiement.</p>
<form method="post" action="/i/{key}" class="box">
<button id="confirm" name="decision" value="confirm">Confirmer le paiement</button>
<button id="refuse" name="decision" value="refuse" class="second">Refuser</button>
</form>"""
        else:
            rest = f"""<form method="post" action="/i/{key}" class="box">
{CARD_FIELD.format(key=key, label="Numéro de carte")}
<button id="pay">Payer {euros(invoice["amount_remaining"])}</button>
</form>"""
        body = f'<p class="amount">{euros(invoice["amount_due"])}</p>\n{error}\n{rest}'
        return document(f"Facture {invoice['number']}", body, 422 if problem else 200, back="")

    def _challenged(self, invoice_id: str) -> bool:
        payment = invoices.payment_of(self._account.store, invoice_id)
        intent = payment["payment"]["payment_intent"] if payment else ""
        return self._account.store.get("challenge", intent) is not None


def _day(moment: int) -> str:
    """Return a date as French writes it, in UTC."""
    day = dt.datetime.fromtimestamp(moment, tz=dt.UTC)
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}{NBSP}{MONTHS[day.month - 1]} {day.year}"
