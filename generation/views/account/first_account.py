"""The first account, by the one-time link."""

from allauth.usersessions.models import UserSession
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from generation import setup_link
from generation.forms.account import FirstAccountForm
from generation.forms.form_status import status_of
from generation.forms.known_device import note_device
from generation.web.shortcuts import open_view


@open_view("a token lets in while there is no account")
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def first_account(request: HttpRequest, token: str) -> HttpResponse:
    if not setup_link.opens(token):
        raise Http404
    form = FirstAccountForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(
            request, "generation/setup/first.html", {"form": form}, status=status_of(form)
        )
    if not setup_link.use_up(token):
        raise Http404
    user = form.save(is_staff=True, is_superuser=True)
    login(request, user)
    note_device(request, user)
    UserSession.objects.create_from_request(request)
    return redirect("home")
