"""Everything is the generation app."""

from django.urls import include, path

urlpatterns = [path("", include("generation.urls"))]

handler400 = "generation.views.errors.bad_request"
handler403 = "generation.views.errors.forbidden"
handler404 = "generation.views.errors.not_found"
handler429 = "generation.views.errors.too_many"  # allauth looks for it
handler500 = "generation.views.errors.server_error"
