"""Templates go out without the indentation of their source, and whatever people wrote stays."""

import pytest
from django.template import engines
from django.template.loader import get_template
from django.utils import translation

from tests.factories import make_task
from vidustudio.template_loader import squeezed


def test_indentation_goes_and_lines_stay():
    source = "<ul>\n  <li\n      class='a'>{{ one }}</li>\n\n    {# x #}\n</ul>\n"
    assert squeezed(source) == "<ul>\n<li\nclass='a'>{{ one }}</li>\n\n{# x #}\n</ul>\n"


@pytest.mark.parametrize(
    "kept",
    [
        "<pre>\n  a\n    b</pre>",
        "<textarea>\n  {{ text }}</textarea>",
        "{% blocktrans %}\n  Two\n  lines{% endblocktrans %}",
        "{% blocktranslate with a=b %}\n  Two\n  lines{% endblocktranslate %}",
    ],
)
def test_what_has_a_meaning_with_its_spaces_keeps_them(kept):
    assert squeezed(f"<p>\n  {kept}\n  </p>") == f"<p>\n{kept}\n</p>"


def test_a_trimmed_text_needs_no_spaces():
    source = "{% blocktranslate trimmed %}\n    A\n    b\n{% endblocktranslate %}"
    assert "\n " not in squeezed(source)


def test_pages_are_found_that_way_and_packages_too():
    for name in ("generation/create/_composer.html", "django/forms/errors/list/ul.html"):
        loader = get_template(name).template.origin.loader
        assert type(loader).__module__ == "vidustudio.template_loader"
    assert engines["django"].engine.loaders


def test_what_somebody_wrote_keeps_its_spaces(client, user):
    task = make_task(user, values={"prompt": "One\n    two"})
    with translation.override("en"):
        page = client.get("/create/image/", {"from": task.pk}).content.decode()
    assert "One\n    two</textarea>" in page
