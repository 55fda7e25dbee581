"""A shortened style is the same to a browser, rule by rule."""

from pathlib import Path

import pytest
from django.conf import settings

from vidustudio.static import shorten_style

STYLES = sorted((Path(settings.BASE_DIR) / "static" / "css").glob("*.css"))
# A browser keeps blanks after commas where it cannot judge a value yet, as with var().
RULES = """text => {
    const walk = (rules, depth) => [...rules].flatMap((rule) => [
        [depth, rule.constructor.name, rule.cssText.replace(/,\\s+/g, ",")],
        ...walk(rule.cssRules || [], depth + 1),
    ]);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return walk(sheet.cssRules, 0);
}"""


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_browser_reads_a_shortened_style_as_its_source(chromium, path):
    page = chromium.new_page()
    source = path.read_text()
    rules = page.evaluate(RULES, source)
    assert len(rules) > 10
    assert page.evaluate(RULES, shorten_style(source)) == rules
    page.close()
