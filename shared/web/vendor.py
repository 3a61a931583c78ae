"""Makes `static/nlds.css` out of NL Design System packages: only the components and design tokens our pages use.

Run by hand on an upgrade, and commit the result; nothing needs Node at run time:
``npm install --prefix FOLDER <the packages of PACKAGES>``, then ``python -m shared.web.vendor FOLDER``.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import tinycss2
from tinycss2.ast import Node

CANDIDATE = ("button", "heading", "link", "paragraph", "skip-link")
UTRECHT = ("form-field", "select", "textarea", "textbox")
PACKAGES = {
    "@nl-design-system-candidate/button-css": "1.1.0",
    "@nl-design-system-candidate/heading-css": "1.1.3",
    "@nl-design-system-candidate/link-css": "2.0.3",
    "@nl-design-system-candidate/paragraph-css": "2.1.3",
    "@nl-design-system-candidate/skip-link-css": "1.0.5",
    "@utrecht/component-library-css": "9.0.4",
    "@nl-design-system-unstable/voorbeeld-design-tokens": "7.4.1",
}
UNUSED = re.compile(r"pressed|busy|icon-only|--(hover|active|focus|focus-visible)\b|utrecht-html")
"""Variants that our pages never show; the state itself comes from the pseudo-class."""
THEME_TOKENS = re.compile(
    r"--voorbeeld-kleuren-|--basis-(color-(default|accent-1|positive|negative|warning|info|action-1)-|space|text|focus"
    r"|border-(width|radius)|heading)"
)
"""Tokens that our own style sheets build on."""
HEADER = """/* Made by shared/web/vendor.py; do not edit. Licensed under the EUPL-1.2 (LICENSES/EUPL-1.2.txt).
   From: {packages}.
   NL Design System community; Utrecht component library (c) Gemeente Utrecht, Frameless B.V.
   Changed: only the components and tokens that these pages use are kept; tokens without a value became `unset`. */
"""


def vendor(modules: Path, target: Path) -> None:
    """Write the style sheet; `modules` is the `node_modules` folder that holds the packages."""
    sources = [modules / f"@nl-design-system-candidate/{name}-css/dist/{name}.css" for name in CANDIDATE]
    sources.append(modules / "@utrecht/component-library-css/dist/index.css")
    kept = dict.fromkeys(rule for source in sources for rule in rules(source.read_text()))
    theme = modules / "@nl-design-system-unstable/voorbeeld-design-tokens/dist/theme.css"
    known = dict(re.findall(r"(--[\w-]+)\s*:\s*([^;]+);", theme.read_text()))
    css = "\n".join(kept)
    tokens = reached(css, known)
    root = ":root{" + "".join(f"{name}:{known[name].strip()};" for name in sorted(tokens)) + "}"
    packages = ", ".join(f"{name} {version}" for name, version in PACKAGES.items())
    target.write_text(f"{HEADER.format(packages=packages)}{root}\n{unset_unknown(css, tokens)}\n")


def rules(css: str) -> Iterator[str]:
    """The rules of wanted components, also those inside media queries."""
    for node in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if node.type == "qualified-rule":
            selectors = [s for s in split(tinycss2.serialize(node.prelude)) if wanted(s)]
            body = declarations(node.content)
            if selectors and body:
                yield f"{','.join(selectors)}{{{body}}}"
        elif node.type == "at-rule" and node.lower_at_keyword in ("media", "supports") and node.content:
            inner = "".join(rules(tinycss2.serialize(node.content)))
            if inner:
                yield f"@{node.lower_at_keyword} {tinycss2.serialize(node.prelude).strip()}{{{inner}}}"


def split(selectors: str) -> list[str]:
    """The parts of a selector list; commas inside brackets do not count."""
    return [part.strip() for part in re.split(r",(?![^(\[]*[)\]])", selectors)]


def wanted(selector: str) -> bool:
    """Whether every component in the selector is one of ours."""
    classes = re.findall(r"\.((?:utrecht|nl)-[\w-]+)", selector)
    components = {re.split(r"__|--", name)[0] for name in classes}
    ours = {f"nl-{name}" for name in CANDIDATE} | {f"utrecht-{name}" for name in UTRECHT}
    return bool(components) and components <= ours and not UNUSED.search(selector)


def declarations(content: list[Node]) -> str:
    """The declarations of a rule, without data URLs: the content security policy refuses them."""
    found = []
    for node in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        value = tinycss2.serialize(node.value).strip() if node.type == "declaration" else ""
        if value and "data:" not in value:
            found.append(f"{node.name}:{value}{'!important' if node.important else ''}")
    return ";".join(found)


def reached(css: str, known: dict[str, str]) -> set[str]:
    """Every token that the rules or the theme come to, through other tokens too."""
    found: set[str] = set()
    todo = set(variables(css)) | {name for name in known if THEME_TOKENS.match(name)}
    while todo:
        name = todo.pop()
        if name in known and name not in found:
            found.add(name)
            todo |= set(variables(known[name]))
    return found


def variables(css: str) -> list[str]:
    """The tokens that a piece of CSS refers to."""
    return re.findall(r"var\(\s*(--[\w-]+)", css)


def unset_unknown(css: str, tokens: set[str]) -> str:
    """A token without value or fallback computes to `unset`; saying so is far shorter."""
    local = set(re.findall(r"(--[\w-]+)\s*:", css))
    for name in set(variables(css)) - tokens - local:
        css = re.sub(rf"(?<=:)var\(\s*{re.escape(name)}\s*\)(?=[;}}])", "unset", css)
    return css


if __name__ == "__main__":
    vendor(Path(sys.argv[1]) / "node_modules", Path(__file__).parent / "static/nlds.css")
