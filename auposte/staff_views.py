"""How the staff come in: password, then the second factor of those who have one."""

import time
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import login as auth_login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView, redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.safestring import mark_safe
from django.views.defaults import permission_denied
from django_otp import login as otp_login

from auposte import second_factor
from auposte.http import client_address
from auposte.throttle import too_many

PENDING, NEW_KEY = "staff_login", "second_factor_key"
CODE_SECONDS = 300
# One address tries one account AXES_FAILURE_LIMIT times; this is for one address, many accounts.
LOGINS_PER_ADDRESS, LOGIN_WINDOW_SECONDS = 60, 900


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code",
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "size": 12}
        ),
    )


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    shared = admin.site.each_context(request)
    return render(request, template, {**shared, "title": title, **context})


def locked_out(request: HttpRequest, *_: object) -> HttpResponse:
    """The answer (429) to too many tries; django-axes asks for it too."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    response = _page(request, "admin/locked_out.html", "Trop d’essais", minutes=minutes)
    response.status_code = 429
    response["Retry-After"] = str(minutes * 60)
    return response


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer (403) to who may not: in the admin's own look for the staff that is in it."""
    inside = request.path.startswith(reverse("admin:index"))
    if not (inside and hasattr(request, "user") and admin.site.has_permission(request)):
        return permission_denied(request, exception)
    response = _page(request, "admin/403.html", "Pas avec ce compte")
    response.status_code = 403
    return response


class StaffLoginView(LoginView):
    """Django's, except that a right password only opens the page of the second factor."""

    template_name = "admin/login.html"
    authentication_form = AdminAuthenticationForm
    next_page = "admin:index"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if too_many(
            scope="staff-login",
            key=client_address(request),
            limit=LOGINS_PER_ADDRESS,
            seconds=LOGIN_WINDOW_SECONDS,
        ):
            return locked_out(request)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        if not second_factor.has_second_factor(user):
            return super().form_valid(form)
        self.request.session[PENDING] = {
            "user": user.pk,
            "backend": user.backend,
            "password": user.get_session_auth_hash(),
            "until": time.time() + CODE_SECONDS,
            "next": self.get_success_url(),
        }
        return redirect("admin:login_code")


def _awaited_user(pending: dict[str, Any]) -> User | None:
    """The one whose password was right a moment ago, if it still is."""
    user = User.objects.filter(pk=pending.get("user", 0), is_active=True, is_staff=True).first()
    if user is None or time.time() > pending["until"]:
        return None
    if not constant_time_compare(user.get_session_auth_hash(), pending["password"]):
        return None
    return user


def enter_code(request: HttpRequest) -> HttpResponse:
    """The second step of the login. The session belongs to nobody until the code is right."""
    pending = request.session.get(PENDING) or {}
    user = _awaited_user(pending)
    if user is None:
        request.session.pop(PENDING, None)
        return redirect("admin:login")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            device = second_factor.check_code(user=user, code=form.cleaned_data["code"])
        except second_factor.CodeError as refusal:
            form.add_error("code", str(refusal))
        else:
            del request.session[PENDING]
            auth_login(request, user, backend=pending["backend"])
            otp_login(request, device)
            return redirect(pending["next"])
    return _page(request, "admin/login_code.html", "Second facteur", form=form)


def second_factor_page(request: HttpRequest) -> HttpResponse:
    """Where people of the staff set up, renew or remove the second factor of their own account."""
    user = request.user
    if not (isinstance(user, User) and user.is_active and user.is_staff):
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    if not second_factor.has_second_factor(user):
        return _enrol(request, user)
    if not second_factor.is_verified(user):
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    return _manage(request, user)


def _enrol(request: HttpRequest, user: User) -> HttpResponse:
    key = request.session.setdefault(NEW_KEY, second_factor.new_key())
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            enrolment = second_factor.enrol(user=user, key=key, code=form.cleaned_data["code"])
        except second_factor.CodeError as refusal:
            form.add_error("code", str(refusal))
        else:
            del request.session[NEW_KEY]
            otp_login(request, enrolment.device)
            return _show_codes(request, enrolment.recovery_codes)
    picture = segno.make(second_factor.enrolment_url(user=user, key=key), error="m")
    return _page(
        request,
        "admin/second_factor_enrol.html",
        "Second facteur",
        form=form,
        key=second_factor.key_for_typing(key),
        qr_code=mark_safe(picture.svg_inline(scale=5, border=3, light="#fff")),  # noqa: S308
        compulsory=settings.STAFF_TOTP_REQUIRED,
    )


def _manage(request: HttpRequest, user: User) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            second_factor.check_code(user=user, code=form.cleaned_data["code"])
        except second_factor.CodeError as refusal:
            form.add_error("code", str(refusal))
        else:
            if "renew" in request.POST:
                return _show_codes(request, second_factor.new_recovery_codes(user=user))
            second_factor.remove(user=user)
            messages.success(request, "Le second facteur est retiré de votre compte.")
            return redirect("admin:second_factor")
    return _page(request, "admin/second_factor.html", "Second facteur", form=form)


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return _page(request, "admin/second_factor_codes.html", "Codes de secours", codes=codes)
