"""`/don/gerer`: the door of a donor's space, and what they see and change behind it."""

import json
import uuid
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from auposte.external import ExternalServiceError
from auposte.http import client_address, public_form
from auposte.queue import enqueue
from auposte.throttle import too_many
from donations import donor_session, receipts, tasks
from donations.donor_forms import AddressForm, EraseForm, LinkForm, NameForm
from donations.donor_session import FORM, READ, donor_page, private_page, session_stamp
from donations.models import Donor, Gift, ReceiptIssuer
from donations.services import donor_data, donor_space, erasing

HOUR = 3600
# Browsers hold `form-action` against the redirect that follows a form, too.
PORTAL = urlsplit(settings.STRIPE_API_BASE or "https://billing.stripe.com")
PORTAL_ORIGIN = f"{PORTAL.scheme}://{PORTAL.netloc}"
LINKS_BY_ADDRESS, LINKS_BY_IP = 5, 30

# What was just done, said once at the top of the next page (`?dit=…`).
SAID = {
    "session": "Votre visite est terminée. Demandez un nouveau lien pour revenir.",
    "sorti": "Vous êtes déconnecté·e.",
    "sorti-partout": "Vous êtes déconnecté·e de tous vos appareils.",
    "arrete": "Votre don mensuel est arrêté. Plus rien ne sera prélevé. Merci pour le chemin fait.",
    "montant": "C’est noté. Le nouveau montant vaut dès le prochain mois.",
    "nom": "C’est noté. Un nouveau nom est relu par l’équipe avant de paraître.",
    "anonyme": "C’est noté. Votre nom n’est plus affiché.",
    "adresse": "Votre adresse est enregistrée.",
    "stripe": "Stripe ne répond pas. Rien n’a changé. Réessayez dans un instant.",
}


def said(request: HttpRequest) -> str:
    """The sentence that the address asks for."""
    return SAID.get(request.GET.get("dit", ""), "")


def back_home(word: str) -> HttpResponse:
    """To the space, which says what was done."""
    return see_other(f"{reverse('donations:manage')}?dit={word}")


def see_other(address: str) -> HttpResponse:
    """A redirect that a browser follows with GET, whatever it sent."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def page(request: HttpRequest, name: str, *, status: int = 200, **context: object) -> HttpResponse:
    """A page of the space, `donations/manage/<name>.html`, whose forms carry the stamp."""
    shown = {"stamp": session_stamp(request), "contact": settings.CONTACT_EMAIL, **context}
    return render(request, f"donations/manage/{name}.html", shown, status=status)


# --- The door ------------------------------------------------------------------------------------


@csp_update({"form-action": [PORTAL_ORIGIN]})
@public_form
def manage(request: HttpRequest) -> HttpResponse:
    """`/don/gerer`: the space of whoever is in; for others, the form that asks for a link."""
    if request.method == "POST":
        return _ask(request)
    donor = donor_session.donor_of(request)
    if donor is not None:
        return donor_session.keep_private(_space(request, donor))
    context = {"form": LinkForm(), "said": said(request)}
    response = render(request, "donations/manage/door.html", context)
    response["Vary"] = "Cookie"
    return response


def _ask(request: HttpRequest) -> HttpResponse:
    """The same answer, by the same steps, whether the address is known here or not."""
    form = LinkForm(request.POST)
    if not form.is_valid():
        return render(request, "donations/manage/door.html", {"form": form}, status=422)
    email = form.cleaned_data["email"]
    refused = [
        too_many(scope="link-ip", key=client_address(request), limit=LINKS_BY_IP, seconds=HOUR),
        too_many(scope="link-email", key=email, limit=LINKS_BY_ADDRESS, seconds=HOUR),
    ]
    if any(refused):
        context = {
            "form": form,
            "trouble": "Trop de demandes. Attendez une heure, ou cherchez le lien déjà reçu, "
            "peut-être parmi les indésirables.",
        }
        return render(request, "donations/manage/door.html", context, status=429)
    enqueue(tasks.answer_link_request, donor_space.ask_for_link(email))
    return render(
        request,
        "donations/manage/asked.html",
        {"minutes": donor_space.LINK_MINUTES, "contact": settings.CONTACT_EMAIL},
    )


@private_page(*FORM)
def enter(request: HttpRequest, secret: str) -> HttpResponse:
    """`/don/gerer/<secret>`: a button. Mail scanners open links; only the button uses one up."""
    if request.method == "POST":
        donor = donor_space.use_link(secret)
        if donor is not None:
            response = see_other(reverse("donations:manage"))
            donor_session.open_session(response, donor)
            return response
    link = donor_space.find_link(secret)
    if link is None:
        # Not 404: those are looked up among old addresses, and a secret is none.
        state, status = "unknown", 410
    elif link.used_at is not None:
        state, status = "used", 410
    elif link.expires_at <= timezone.now():
        state, status = "expired", 410
    else:
        state, status = "good", 200
    return render(request, "donations/manage/enter.html", {"state": state}, status=status)


@donor_page("POST")
def leave(request: HttpRequest, donor: Donor) -> HttpResponse:
    """Close the space here, or on every device."""
    everywhere = "partout" in request.POST
    if everywhere:
        donor_space.end_sessions(donor)
    response = back_home("sorti-partout" if everywhere else "sorti")
    donor_session.close_session(response)
    return response


# --- The space -----------------------------------------------------------------------------------


def _space(request: HttpRequest, donor: Donor) -> HttpResponse:
    return page(
        request,
        "space",
        donor=donor,
        years=donor_space.years_of(donor),
        subscriptions=donor_space.subscriptions_of(donor),
        receipts=receipts.of_donor(donor),
        said=said(request),
        troubled=request.GET.get("dit") == "stripe",
        tax_receipt_entity=ReceiptIssuer.entitled_name(),
    )


@donor_page(*READ)
def receipt(request: HttpRequest, donor: Donor, receipt_id: uuid.UUID) -> HttpResponse:
    """A paper's PDF, for the person whose it is and nobody else."""
    paper = receipts.of_donor(donor).filter(pk=receipt_id).first()
    pdf = receipts.pdf_of(paper) if paper else None
    if paper is None or pdf is None:
        raise Http404("Aucun document à cette adresse.")
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{paper.full_number}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@donor_page(*READ)
def data(request: HttpRequest, donor: Donor) -> HttpResponse:
    """Everything that is kept about the person, as a JSON file."""
    text = json.dumps(donor_data.everything_of(donor), ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="au-poste-mes-donnees.json"'
    return response


@donor_page(*FORM)
def names(request: HttpRequest, donor: Donor, gift_id: uuid.UUID | None = None) -> HttpResponse:
    """How a gift, or all of them, are shown."""
    gift = None
    if gift_id is not None:
        gift = donor_space.gifts_of(donor).filter(pk=gift_id).first()
        if gift is None:
            raise Http404("Aucun don à cette adresse.")
    if request.method == "POST":
        form = NameForm(request.POST)
        if form.is_valid():
            name = form.cleaned_data["public_name"]
            donor_space.show_as(donor, name=name, gift_id=gift_id)
            return back_home("nom" if name else "anonyme")
    else:
        shown = gift.public_name if gift else _usual_name(donor)
        form = NameForm(initial={"show_name": bool(shown), "public_name": shown})
    status = 422 if form.errors else 200
    return page(request, "name", form=form, gift=gift, status=status)


def _usual_name(donor: Donor) -> str:
    newest: Gift | None = donor_space.gifts_of(donor).order_by("-created_at").first()
    return newest.public_name if newest else ""


@donor_page(*FORM)
def address(request: HttpRequest, donor: Donor) -> HttpResponse:
    """The postal identity that receipts and letters by post need."""
    fields = AddressForm.base_fields
    form = AddressForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(donor, name) for name in fields},
    )
    if request.method == "POST" and form.is_valid():
        donor_space.move(donor, **{name: form.cleaned_data[name] for name in fields})
        return back_home("adresse")
    return page(request, "address", form=form, status=422 if form.errors else 200)


@donor_page(*FORM)
def erase(request: HttpRequest, donor: Donor) -> HttpResponse:
    """What erasing takes away and what stays; then a word to type."""
    form = EraseForm(request.POST if request.method == "POST" else None)
    trouble, status = "", 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            erasing.stop_and_erase(donor)
        except ExternalServiceError:
            status = 503
            trouble = (
                "Stripe ne répond pas : votre don mensuel n’a pas pu être arrêté. "
                "Rien n’a été effacé. Réessayez dans un instant."
            )
        except erasing.StillGivingError as error:
            trouble, status = str(error), 409
        else:
            response = see_other(reverse("donations:erased"))
            donor_session.close_session(response)
            return response
    return page(
        request,
        "erase",
        form=form,
        trouble=trouble,
        running=donor.subscriptions.running(),
        papers=erasing.papers_kept(donor),
        status=status,
    )


@private_page(*READ)
def erased(request: HttpRequest) -> HttpResponse:
    """What is said once, to nobody in particular."""
    return render(request, "donations/manage/erased.html", {"contact": settings.CONTACT_EMAIL})
