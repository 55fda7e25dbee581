"""Everything is the generation app."""

from django.urls import include, path

urlpatterns = [path("", include("generation.urls"))]

handler400 = "generation.web.errors.bad_request"
handler403 = "generation.web.errors.forbidden"
handler404 = "generation.web.errors.page_not_found"
handler429 = "generation.web.errors.too_many"  # allauth looks for it
handler500 = "generation.web.errors.server_error"
