"""What a page does with a form that was refused."""

from django.forms import BaseForm


def status_of(form: BaseForm) -> int:
    """422 for a refused form, and its first wrong field takes the focus; else 200."""
    if not form.is_bound or not form.errors:
        return 200
    wrong = next((name for name in form.fields if name in form.errors), None)
    if wrong:
        form.fields[wrong].widget.attrs["autofocus"] = True
    return 422
