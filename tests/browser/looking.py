"""Looking at a page, and noting whatever it does that no page may do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

#: Where a script of somebody else's would leave its mark.
_WATCH = """
addEventListener("securitypolicyviolation", event => console.error(`policy: ${event.violatedDirective}`));
"""
#: What there must never be in a page, whatever it shows.
_FOREIGN = """() => [
  ...document.querySelectorAll("img,picture,video,audio,iframe,frame,object,embed,base,form,link,template"),
  ...document.querySelectorAll("meta[http-equiv=refresh]"),
  ...[...document.querySelectorAll("script")].filter(s => !/^(application.(json|octet-stream))?$/.test(s.type)),
  ...[...document.querySelectorAll("script")].filter(s => s.type === "").slice(1),
  ...[...document.querySelectorAll("style")].slice(1),
  ...[...document.querySelectorAll("*")].filter(e => [...e.attributes].some(a => /^on|^style$|^srcdoc$/.test(a.name))),
  ...[...document.querySelectorAll("[href], [src]")].filter(e => !(e.getAttribute("href") ?? "").startsWith("#")),
].map(e => e.outerHTML.slice(0, 200))"""
_RAN = "() => [globalThis.ranForeign ?? null, document.title === 'ran-foreign']"
_WIDTHS = "() => [document.documentElement.scrollWidth, innerWidth]"


class Looker:
    """Opens pages in one browser.

    :param chromium: a browser of Playwright's.
    """

    def __init__(self, chromium: Any) -> None:
        self._chromium = chromium
        self._contexts: list[Any] = []
        self.tabs: list[Any] = []
        self.wrong: list[str] = []

    def __call__(
        self, page: Path, hash_: str = "", *, width: int = 1280, height: int = 900, dark: bool = False, **more: Any
    ) -> Any:
        """Return a tab with the page, as its overview or the run that the hash names is there."""
        scheme = "dark" if dark else "light"
        size = {"width": width, "height": height}
        context = self._chromium.new_context(viewport=size, color_scheme=scheme, **more)
        self._contexts.append(context)
        context.set_default_timeout(10_000)
        context.add_init_script(_WATCH)
        tab = context.new_page()
        self.tabs.append(tab)
        tab.on("console", lambda message: self.wrong.append(f"console: {message.text}"))
        tab.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        tab.on("dialog", self._asked)
        tab.on("popup", lambda popup: self.wrong.append(f"popup: {popup.url}"))
        tab.on("request", lambda request: self._requested(request.url, page))
        tab.goto(page.as_uri() + hash_)
        return tab

    def _asked(self, dialog: Any) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _requested(self, url: str, page: Path) -> None:
        address = url.partition("#")[0]
        if address != page.as_uri() and not address.startswith(f"{page.parent.as_uri()}/runs/r"):
            self.wrong.append(f"request: {url}")

    def check(self, tab: Any) -> None:
        """Assert that nothing of anybody else's runs, loads or stands in the page as more than text."""
        assert tab.evaluate(_RAN) == [None, False]
        assert tab.evaluate(_FOREIGN) == []
        scrolled, shown = tab.evaluate(_WIDTHS)
        assert scrolled <= shown, "the page scrolls sideways"

    def close(self) -> None:
        """Check every page once more, and close them. :raises AssertionError: where one did what it must not do."""
        for tab in self.tabs:
            self.check(tab)
        for context in self._contexts:
            context.close()
        assert not self.wrong, self.wrong
