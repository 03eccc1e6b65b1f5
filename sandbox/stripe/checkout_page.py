"""The hosted checkout page: French, without JavaScript, under a strict content security policy.

Fields and buttons keep their names, labels and `id`s: browser tests drive the page by them.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from sandbox.http.messages import Answer, Request
from sandbox.stripe import checkout, rules
from sandbox.stripe.account import Account, Change
from sandbox.stripe.errors import StripeError
from sandbox.stripe.store import Json

NARROW, NBSP = "\u202f", "\u00a0"
STYLE = (Path(__file__).parent / "checkout.css").read_bytes()
TEST_NUMBERS = (
    ("4242 4242 4242 4242", "le paiement réussit"),
    ("4000 0000 0000 0002", "la banque refuse"),
    ("4000 0000 0000 9995", "provision insuffisante"),
    ("4000 0027 6000 3184", "la banque demande une authentification"),
)
DECLINES = {
    "generic_decline": "Votre carte a été refusée.",
    "insufficient_funds": "Votre carte a été refusée\u202f: provision insuffisante.",
}


class Pages:
    """Answers `/c/…`: the payer's side of a session."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def handle(self, request: Request) -> Answer:
        """Answer one request of the payer's browser."""
        if request.path == "/c/checkout.css":
            return Answer(body=STYLE, headers={"Content-Type": "text/css; charset=utf-8"})
        key, _, step = request.path.removeprefix("/c/pay/").partition("/")
        session = self._account.store.get("checkout.session", key)
        if session is None or step not in ("", "authenticate"):
            return _html("Page introuvable", "<p>Cette page de paiement n’existe pas.</p>", 404)
        if session["status"] != "open":
            return self._closed(session, leave=request.method == "POST")
        if step and not self._account.store.get("challenge", session["payment_intent"] or ""):
            return _redirect(f"/c/pay/{key}")
        if request.method != "POST":
            return self._challenge(session) if step else self._form(session)
        fields = {
            name: values[-1].strip()
            for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()
        }
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
            return _redirect(f"/c/pay/{session['id']}")
        if outcome in ("succeeded", "processing"):
            return _redirect(_success_url(session))
        where = "/authenticate" if outcome == "authenticate" else ""
        return _redirect(f"/c/pay/{session['id']}{where}")

    def _email(self, session: Json) -> str | None:
        customer = self._account.store.get("customer", session["customer"] or "")
        email: str | None = session["customer_email"] or (customer or {}).get("email")
        return email

    def _closed(self, session: Json, *, leave: bool) -> Answer:
        if session["status"] == "complete":
            url = _success_url(session)
            if leave:
                return _redirect(url)
            body = f"""<p>Ce paiement est déjà fait.</p>
<p><a id="return" href="{_e(url)}">Revenir au site</a></p>"""
            return _html("Paiement terminé", body)
        body = f"""<p>Cette page de paiement a expiré. Rien n’a été prélevé.</p>
{_cancel_link(session, "Revenir au site")}"""
        return _html("Page expirée", body, 410 if leave else 200)

    def _challenge(self, session: Json) -> Answer:
        body = f"""<p>Votre banque demande de confirmer un paiement de
<strong>{euros(session["amount_total"])}</strong>.</p>
<form method="post" action="/c/pay/{session["id"]}/authenticate" class="box">
<button id="confirm" name="decision" value="confirm">Confirmer le paiement</button>
<button id="refuse" name="decision" value="refuse" class="second">Refuser</button>
</form>"""
        return _html("Authentification de votre banque", body, session=session)

    def _form(
        self, session: Json, problem: str = "", fields: dict[str, str] | None = None
    ) -> Answer:
        status = 422 if problem else 200
        problem = problem or self._last_decline(session)
        extra = self._account.store.get("session_extra", session["id"]) or {}
        items = "\n".join(
            f"""<li><span>{_e(item["description"])}{_times(item["quantity"])}</span>
<span class="price">{euros(item["amount_total"])}</span></li>"""
            for item in extra["line_items"]
        )
        note = (session["custom_text"]["submit"] or {}).get("message", "")
        error = f'<p id="error" class="error" role="alert">{problem}</p>' if problem else ""
        forms = "".join(
            self._method_form(session, method, fields or {})
            for method in session["payment_method_types"]
        )
        body = f"""<p class="amount">{euros(session["amount_total"])}</p>
<ul class="items">
{items}
</ul>
{error}
{forms}
{f'<p class="soft">{_e(note)}</p>' if note else ""}
{_cancel_link(session, "Annuler et revenir au site")}
<section class="box">
<h2>Numéros d’essai</h2>
<dl class="soft">{_test_numbers()}</dl>
</section>"""
        title = "Faire un don" if session["submit_type"] == "donate" else "Payer"
        return _html(title, body, status, session=session)

    def _method_form(self, session: Json, method: str, fields: dict[str, str]) -> str:
        verb = "Donner" if session["submit_type"] == "donate" else "Payer"
        email = self._email(session)
        address = (
            f'<p>E-mail{NBSP}: <strong class="email">{_e(email)}</strong></p>'
            if email
            else f"""<label for="{method}-email">E-mail</label>
<input id="{method}-email" name="email" type="email" autocomplete="email" required
 value="{_e(fields.get("email", ""))}">"""
        )
        name = f"""<label for="{method}-name">Nom</label>
<input id="{method}-name" name="name" autocomplete="name" value="{_e(fields.get("name", ""))}">"""
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
<button id="pay-card">{verb} {euros(session["amount_total"])}</button>
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
<button id="pay-sepa">Autoriser le prélèvement de {euros(session["amount_total"])}</button>
</form>"""

    def _last_decline(self, session: Json) -> str:
        """Say in French why the last attempt failed; empty when there was none."""
        intent = self._account.store.get("payment_intent", session["payment_intent"] or "")
        error = (intent or {}).get("last_payment_error")
        if not error:
            return ""
        why = DECLINES.get(
            error.get("decline_code", ""), "L’authentification a échoué ou a été refusée."
        )
        return f"{why} Rien n’a été prélevé. Vous pouvez réessayer ou changer de carte."


def euros(cents: int) -> str:
    """Return an amount as French writes it: `30 000,00 €`, with its no-break spaces."""
    whole, rest = divmod(cents, 100)
    return f"{whole:,}".replace(",", NARROW) + f",{rest:02d}{NBSP}€"


def _success_url(session: Json) -> str:
    url: str = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
    return url


def _cancel_link(session: Json, label: str) -> str:
    if not session["cancel_url"]:
        return ""
    return f'<p><a id="cancel" href="{_e(session["cancel_url"])}">{label}</a></p>'


def _test_numbers() -> str:
    return "".join(f"<dt>{number}</dt><dd>{effect}</dd>" for number, effect in TEST_NUMBERS)


def _times(quantity: int) -> str:
    return f" × {quantity}" if quantity > 1 else ""


def _e(text: str) -> str:
    return html.escape(text, quote=True)


def _redirect(url: str) -> Answer:
    return Answer(status=303, headers={"Location": url})


def _html(title: str, body: str, status: int = 200, *, session: Json | None = None) -> Answer:
    text = f"""<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title} (simulation)</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/c/checkout.css">
</head>
<body>
<header class="simulation"><strong>Simulation de Stripe.</strong> Aucun argent ne circule.</header>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""
    return Answer(
        status=status,
        body=text.encode(),
        headers={
            "Content-Type": "text/html; charset=utf-8",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": _policy(session),
        },
    )


def _policy(session: Json | None) -> str:
    actions = "'none'"
    if session:
        # Browsers hold form-action against the redirect that follows a form, too.
        site = urlsplit(session["success_url"])
        actions = f"'self' {site.scheme}://{site.netloc}"
    return (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {actions}"
    )
