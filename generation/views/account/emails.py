"""The addresses of an account: allauth's page, where only a proven one can be the main one."""

from typing import Any

from allauth.account.views import EmailView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from generation.models import User
from generation.models.addresses import owns_address


class EmailPage(EmailView):  # type: ignore[misc]
    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """allauth lets an unproven one be it as long as none is proven."""
        user: User = request.user  # type: ignore[assignment]
        if not owns_address(user, request.POST["email"]):
            messages.error(request, _("Confirm the address before making it the main one."))
            return redirect("account_email")
        response: HttpResponse = super()._action_primary(request, *args, **kwargs)
        return response


email_page = EmailPage.as_view()
