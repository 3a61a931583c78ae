"""What a browser check can not judge: charts as markup, and the contrast of colours that data chooses."""

import re
from itertools import pairwise

import pytest

from shared.web.charts import Bar, bar
from shared.web.pages import STATIC

THEME = dict(
    re.findall(r"(--[\w-]+):\s*(#\w{6})", (STATIC / "nlds.css").read_text() + (STATIC / "theme.css").read_text())
)
PAIRS = [
    ("--voorbeeld-kleuren-grijs-500", "#ffffff"),
    ("--voorbeeld-kleuren-violet-500", "#ffffff"),
    ("--voorbeeld-kleuren-rood-500", "#ffffff"),
    ("--voorbeeld-kleuren-groen-500", "#ffffff"),
    *((f"--voorbeeld-kleuren-{hue}-600", f"--voorbeeld-kleuren-{hue}-200") for hue in ("blauw", "violet", "geel")),
    *((f"--voorbeeld-kleuren-{hue}-600", f"--voorbeeld-kleuren-{hue}-200") for hue in ("groen", "rood", "grijs")),
    *((f"--os-cat-{n}", "#ffffff") for n in range(7)),
]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[n:m], 16) / 255 for n, m in pairwise((1, 3, 5, 7))]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read_on_its_ground(text: str, ground: str) -> None:
    light, dark = sorted((luminance(THEME.get(c, c)) for c in (text, ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_a_chart_escapes_and_keeps_a_protected_number_out_of_every_place() -> None:
    chart = bar("k", "<b>", "<i>", [Bar("<script>", 50, "50%"), Bar("Klein", None, "c")], top=100)
    assert not re.search(r"<(b|i|script)>", chart)
    assert "style=" not in chart
    assert chart.count("50%") == 3
    assert re.search(r"Klein</th><td>c</td>", chart)


def test_ids_in_a_chart_are_unique() -> None:
    ids = re.findall(r'id="([^"]+)"', bar("a", "t", "f", []) + bar("b", "t", "f", []))
    assert len(ids) == len(set(ids)) == 12


def test_style_sheets_load_nothing_from_elsewhere() -> None:
    for sheet in STATIC.glob("*.css"):
        assert not re.search(r"url\(\s*[\"']?(https?:|//|data:)|@import", sheet.read_text()), sheet.name
