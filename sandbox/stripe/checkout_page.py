"""The hosted checkout page: French, without JavaScript, under a strict content security policy.

Fields and buttons keep their names, labels and `id`s: browser tests drive the page by them.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.http.messages import Answer, Request
from sandbox.stripe import checkout, rules
from sandbox.stripe.account import Account, Change
from sandbox.stripe.errors import StripeError
from sandbox.stripe.page_parts import (
    NBSP,
    document,
    escape,
    euros,
    read_fields,
    redirect,
    rhythm,
    stylesheet,
)
from sandbox.stripe.portal_page import InvoicePages, PortalPages
from sandbox.stripe.store import Json

TEST_NUMBERS = (
    ("4242 4242 4242 4242", "le paiement réussit"),
    ("4000 0000 0000 0002", "la banque refuse"),
    ("4000 0000 0000 9995", "provision insuffisante"),
    ("4000 0027 6000 3184", "la banque demande une authentification"),
)
LATER_NUMBER = ("4000 0000 0000 0341", "le premier paiement réussit, pas les suivants")
DECLINES = {
    "generic_decline": "Votre carte a été refusée.",
    "insufficient_funds": "Votre carte a été refusée\u202f: provision insuffisante.",
}


class Pages:
    """Answers `/c/…`: the payer's side of a session; `/p/…` and `/i/…` have pages of their own."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._portal = PortalPages(account)
        self._invoices = InvoicePages(account)

    def handle(self, request: Request) -> Answer:
        """Answer one request of the payer's browser."""
        if request.path == "/c/checkout.css":
            return stylesheet()
        if request.path.startswith("/p/"):
            return self._portal.handle(request)
        if request.path.startswith("/i/"):
            return self._invoices.handle(request)
        key, _, step = request.path.removeprefix("/c/pay/").partition("/")
        session = self._account.store.get("checkout.session", key)
        if session is None or step not in ("", "authenticate"):
            return document("Page introuvable", "<p>Cette page de paiement n’existe pas.</p>", 404)
        if session["status"] != "open":
            return self._closed(session, leave=request.method == "POST")
        if step and not self._account.store.get(
            "challenge", checkout.intent_id(self._account.store, session)
        ):
            return redirect(f"/c/pay/{key}")
        if request.method != "POST":
            return self._challenge(session) if step else self._form(session)
        fields = read_fields(request)
        if step:
            return self._answer_challenge(session, fields)
        return self._attempt(session, fields)

    def _attempt(self, session: Json, fields: dict[str, str]) -> Answer:
        email = fields.get("email", "")
        if not self._email(session) and not rules.is_email(email):
            return self._form(session, "Indiquez une adresse e-mail valide.", fields)
        number = fields.get("iban" if fields.get("method") == "sepa_debit" else "card_number", "")
        if "".join(number.split()).upper() not in {**checkout.CARDS, **checkout.IBANS}:
            message = "Ce numéro n’est pas un numéro d’essai. Rien n’a été prélevé."
            return self._form(session, message, fields)
        return self._step(
            session,
            lambda change: checkout.pay(
                change,
                session["id"],
                number=number,
                email=email or None,
                name=fields.get("name") or None,
            ),
        )

    def _answer_challenge(self, session: Json, fields: dict[str, str]) -> Answer:
        confirm = fields.get("decision") == "confirm"
        return self._step(
            session,
            lambda change: checkout.authenticate(change, session["id"], confirm=confirm),
        )

    def _step(self, session: Json, act: Callable[[Change], checkout.Outcome]) -> Answer:
        try:
            with self._account.change() as change:
                outcome = act(change)
        except StripeError:
            # Somebody else was faster (a second click, an expiry): show what became of it.
            return redirect(f"/c/pay/{session['id']}")
        if outcome in ("succeeded", "processing"):
            return redirect(_success_url(session))
        where = "/authenticate" if outcome == "authenticate" else ""
        return redirect(f"/c/pay/{session['id']}{where}")

    def _email(self, session: Json) -> str | None:
        customer = self._account.store.get("customer", session["customer"] or "")
        email: str | None = session["customer_email"] or (customer or {}).get("email")
        return email

    def _closed(self, session: Json, *, leave: bool) -> Answer:
        if session["status"] == "complete":
            url = _success_url(session)
            if leave:
                return redirect(url)
            body = f"""<p>Ce paiement est déjà fait.</p>
<p><a id="return" href="{escape(url)}">Revenir au site</a></p>"""
            return document("Paiement terminé", body)
        body = f"""<p>Cette page de paiement a expiré. Rien n’a été prélevé.</p>
{_cancel_link(session, "Revenir au site")}"""
        return document("Page expirée", body, 410 if leave else 200)

    def _challenge(self, session: Json) -> Answer:
        body = f"""<p>Votre banque demande de confirmer un paiement de
<strong>{euros(session["amount_total"])}</strong>.</p>
<form method="post" action="/c/pay/{session["id"]}/authenticate" class="box">
<button id="confirm" name="decision" value="confirm">Confirmer le paiement</button>
<button id="refuse" name="decision" value="refuse" class="second">Refuser</button>
</form>"""
        return document("Authentification de votre banque", body, back=session["success_url"])

    def _form(
        self, session: Json, problem: str = "", fields: dict[str, str] | None = None
    ) -> Answer:
        status = 422 if problem else 200
        problem = problem or self._last_decline(session)
        extra = self._account.store.get("session_extra", session["id"]) or {}
        items = "\n".join(
            f"""<li><span>{escape(item["description"])}{_times(item["quantity"])}</span>
<span class="price">{_price(item)}</span></li>"""
            for item in extra["line_items"]
        )
        note = (session["custom_text"]["submit"] or {}).get("message", "")
        error = f'<p id="error" class="error" role="alert">{problem}</p>' if problem else ""
        forms = "".join(
            self._method_form(session, method, fields or {})
            for method in session["payment_method_types"]
        )
        body = f"""<p class="amount">{_total(session, extra["line_items"])}</p>
<ul class="items">
{items}
</ul>
{error}
{forms}
{f'<p class="soft">{escape(note)}</p>' if note else ""}
{_cancel_link(session, "Annuler et revenir au site")}
<section class="box">
<h2>Numéros d’essai</h2>
<dl class="soft">{_test_numbers(session)}</dl>
</section>"""
        title = "Payer"
        if session["submit_type"] == "donate":
            title = "Faire un don"
        elif session["mode"] == "subscription":
            title = "Donner régulièrement"
        return document(title, body, status, back=session["success_url"])

    def _method_form(self, session: Json, method: str, fields: dict[str, str]) -> str:
        extra = self._account.store.get("session_extra", session["id"]) or {}
        total = _total(session, extra["line_items"])
        gift = session["submit_type"] == "donate" or session["mode"] == "subscription"
        verb = "Donner" if gift else "Payer"
        email = self._email(session)
        address = (
            f'<p>E-mail{NBSP}: <strong class="email">{escape(email)}</strong></p>'
            if email
            else f"""<label for="{method}-email">E-mail</label>
<input id="{method}-email" name="email" type="email" autocomplete="email" required
 value="{escape(fields.get("email", ""))}">"""
        )
        name = f"""<label for="{method}-name">Nom</label>
<input id="{method}-name" name="name" autocomplete="name"
 value="{escape(fields.get("name", ""))}">"""
        start = f"""<form method="post" action="/c/pay/{session["id"]}" class="box" id="{method}">
<input type="hidden" name="method" value="{method}">"""
        if method == "card":
            return f"""{start}
<h2>Carte bancaire</h2>
{address}
<label for="card_number">Numéro de carte</label>
<input id="card_number" name="card_number" inputmode="numeric" autocomplete="off" required
 placeholder="4242 4242 4242 4242">
<div class="pair">
<div><label for="card_expiry">Expiration</label>
<input id="card_expiry" name="card_expiry" value="12/34" autocomplete="off"></div>
<div><label for="card_cvc">Cryptogramme</label>
<input id="card_cvc" name="card_cvc" value="123" inputmode="numeric" autocomplete="off"></div>
</div>
{name}
<button id="pay-card">{verb} {total}</button>
</form>"""
        return f"""{start}
<h2>Prélèvement SEPA</h2>
{address}
<label for="iban">IBAN</label>
<select id="iban" name="iban">
<option value="{checkout.IBAN_SUCCEEDS}">FR14…2606{NBSP}: le prélèvement aboutira</option>
<option value="{checkout.IBAN_FAILS}">FR84…2607{NBSP}: la banque le refusera</option>
</select>
{name}
<p class="soft">Le prélèvement met quelques jours à aboutir.</p>
<button id="pay-sepa">Autoriser le prélèvement de {total}</button>
</form>"""

    def _last_decline(self, session: Json) -> str:
        """Say in French why the last attempt failed; empty when there was none."""
        intent = self._account.store.get(
            "payment_intent", checkout.intent_id(self._account.store, session)
        )
        error = (intent or {}).get("last_payment_error")
        if not error:
            return ""
        why = DECLINES.get(
            error.get("decline_code", ""), "L’authentification a échoué ou a été refusée."
        )
        return f"{why} Rien n’a été prélevé. Vous pouvez réessayer ou changer de carte."


def _success_url(session: Json) -> str:
    url: str = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
    return url


def _cancel_link(session: Json, label: str) -> str:
    if not session["cancel_url"]:
        return ""
    return f'<p><a id="cancel" href="{escape(session["cancel_url"])}">{label}</a></p>'


def _test_numbers(session: Json) -> str:
    more = (LATER_NUMBER,) if session["mode"] == "subscription" else ()
    rows = (*TEST_NUMBERS, *more)
    return "".join(f"<dt>{number}</dt><dd>{effect}</dd>" for number, effect in rows)


def _price(item: Json) -> str:
    """Return a line's amount, and how often it is paid if it is repeated."""
    recurring = item["price"]["recurring"]
    return euros(item["amount_total"]) + (f" {rhythm(recurring)}" if recurring else "")


def _total(session: Json, items: list[Json]) -> str:
    """Return what is paid now, and how often if all of it is repeated."""
    repeated = [item["price"]["recurring"] for item in items]
    often = f" {rhythm(repeated[0])}" if all(repeated) else ""
    return euros(session["amount_total"]) + often


def _times(quantity: int) -> str:
    return f" × {quantity}" if quantity > 1 else ""
