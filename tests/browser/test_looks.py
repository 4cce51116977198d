"""How the page looks: narrow windows, dark ones, and whether all of it can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.looking import Looker

VIEWS = {
    "overview": "",
    "run": "#run=0%3Akernel_fuzz.warmup.steady-2.run2",
    "pair": "#pair=kernel_fuzz%2Fwarmup",
}
#: The least contrast of any text that is seen with the colour behind it, as WCAG 2 reckons it.
_CONTRAST = """() => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const linear = c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const behind = element => {
    const found = channels(getComputedStyle(element).backgroundColor);
    return found.length < 4 || found[3] > 0.99 ? found : behind(element.parentElement);
  };
  const hasText = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  const left = ".step.off, title, desc, script, style, noscript";
  const seen = e => e.checkVisibility() && hasText(e) && !e.closest(left);
  return [...document.querySelectorAll("body *")].filter(seen).map(e => {
    const style = getComputedStyle(e);
    const text = e instanceof SVGElement ? style.fill : style.color;
    const [a, b] = [light(channels(text)), light(behind(e))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), e.outerHTML.slice(0, 120)];
  }).sort((x, y) => x[0] - y[0])[0];
}"""


def opened(look: Looker, pages: Path, view: str, **window: Any) -> Any:
    tab = look(pages / "two.html", VIEWS[view], **window)
    tab.locator(".event" if VIEWS[view] else "#run-table tbody tr").first.wait_for()
    return tab


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_contrast(look: Looker, pages: Path, view: str, dark: bool) -> None:
    tab = opened(look, pages, view, dark=dark)
    ratio, where = tab.evaluate(_CONTRAST)
    assert ratio >= 4.5, where
    paper = tab.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert (int(paper.split("(")[1].split(",")[0]) < 60) == dark


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("width", [320, 360, 768])
def test_narrow_windows(look: Looker, pages: Path, view: str, width: int) -> None:
    tab = opened(look, pages, view, width=width, height=740)
    look.check(tab)
    out = "nodes => nodes.filter(n => n.getBoundingClientRect().right > innerWidth + 1 && !n.closest('.scroll')).length"
    assert tab.locator("main :visible").evaluate_all(out) == 0
    for plot in tab.locator("svg.plot:visible").all():
        assert plot.bounding_box()["width"] <= width


def test_plots_are_drawn_again_for_another_width(look: Looker, pages: Path) -> None:
    tab = opened(look, pages, "overview")
    wide = tab.locator("svg.plot").first.get_attribute("viewBox")
    tab.set_viewport_size({"width": 360, "height": 740})
    tab.wait_for_timeout(200)
    narrow = tab.locator("svg.plot").first.get_attribute("viewBox")
    assert wide != narrow
    assert float(narrow.split()[2]) <= 360


def test_focus_can_be_seen(look: Looker, pages: Path) -> None:
    tab = opened(look, pages, "overview")
    for _ in range(12):
        tab.keyboard.press("Tab")
        style = "() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.outlineWidth]; }"
        assert tab.evaluate(style) == ["solid", "2px"]


def test_nothing_moves(look: Looker, pages: Path) -> None:
    tab = opened(look, pages, "run")
    moving = (
        "nodes => nodes.filter(n => getComputedStyle(n).transitionDuration !== '0s' || n.getAnimations().length).length"
    )
    assert tab.locator("body *").evaluate_all(moving) == 0
    assert tab.evaluate("() => getComputedStyle(document.documentElement).scrollBehavior") == "auto"
