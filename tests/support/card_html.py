"""Checking the HTML of cards against what JupyterLab's sanitizer keeps, and reading it."""

from html.parser import HTMLParser

KINDS = {"text/plain", "image/png", "text/html"}


# The elements and attributes that JupyterLab's sanitizer keeps in an untrusted output, among those that cards use.
ALLOWED = {
    "div": set(), "p": set(), "b": set(), "pre": set(), "tr": set(), "thead": set(), "tbody": set(),
    "table": set(), "td": {"style"}, "th": {"style"}, "img": {"src", "alt", "width", "height", "style"},
    "audio": {"controls", "preload", "src", "style"},
}  # fmt: skip


STYLES = {"text-align", "max-width", "width", "height"}


class Reader(HTMLParser):
    """Checks a page against `ALLOWED` and collects its text and elements."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.open, self.texts, self.elements = [], [], []
        self.feed(page)
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        assert tag in ALLOWED, f"a sanitizer removes <{tag}>"
        assert {name for name, _ in attributes} <= ALLOWED[tag], (tag, attributes)
        styles = dict(attributes).get("style", "")
        assert {style.split(":")[0].strip() for style in styles.split(";") if style} <= STYLES
        self.elements.append((tag, dict(attributes)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def read(bundle):
    """Return the text of a bundle's HTML, and its elements as `(tag, attributes)`."""
    page = Reader(bundle[0]["text/html"])
    return " ".join(page.texts).replace("\u00a0", " "), page.elements
