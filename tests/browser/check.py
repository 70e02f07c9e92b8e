"""Loads reports into Chromium and prints what is wrong with them, one JSON object a line.

    check.py CHROMIUM FOLDER [SCREENSHOTS]

Every *.html of the folder is looked at wide and narrow, light and dark, without scripts, from the keyboard and on
paper; every *.svg is looked at alone. With a third argument, screenshots go into that folder.
"""

import json
import pathlib
import sys

import axe_playwright_python
from playwright.sync_api import sync_playwright

AXE = next(pathlib.Path(axe_playwright_python.__file__).parent.glob("**/axe.min.js")).read_text()
WIDTHS = {"wide": 1280, "narrow": 360}
SCHEMES = ["light", "dark"]
# As root, and without looking for updates: the test must not depend on any network.
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps",
]

# Bytes of a file that is not looked at in every way.
LONG = 200_000

VIOLATIONS = """
document.addEventListener('securitypolicyviolation', event => {
  console.error('violation of ' + event.violatedDirective + ': ' + event.blockedURI + ' ' + event.sample);
});
"""

# What a person would see at once: text over the border of its box, words of edges over each other.
PICTURE = """
() => {
  const wrong = [];
  const box = element => element.getBoundingClientRect();
  const inside = (inner, outer) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1
    && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
  const over = (one, other) => one.left < other.right - 1 && other.left < one.right - 1
    && one.top < other.bottom - 1 && other.top < one.bottom - 1;
  for (const svg of document.querySelectorAll('svg.graph')) {
    if (!box(svg).width) continue;
    const nodes = [...svg.querySelectorAll('.node')].map(node => node.querySelector('rect'));
    const words = [...svg.querySelectorAll('.edge .word')];
    for (const node of svg.querySelectorAll('.node, .edge')) {
      const frame = box(node.querySelector('rect'));
      for (const text of node.querySelectorAll('text')) {
        if (!inside(box(text), frame)) wrong.push('text over its box: ' + text.textContent);
      }
    }
    for (const [number, one] of [...nodes, ...words].entries()) {
      for (const other of [...nodes, ...words].slice(number + 1)) {
        if (over(box(one), box(other))) wrong.push('two boxes over each other in ' + svg.querySelector('title').textContent);
      }
      if (!inside(box(one), box(svg))) wrong.push('a box outside of the picture');
    }
  }
  return wrong;
}
"""

OVERFLOW = "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"


class Look:
    """One page in one browser context, with everything that it does and should not do."""

    def __init__(self, browser, path, found, **context):
        self.path, self.found = path, found
        self.name = " ".join(str(value) for value in context.values() if isinstance(value, str))
        self.context = browser.new_context(**context)
        self.context.add_init_script(VIOLATIONS)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.say(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.say(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self.say(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("popup", lambda _: self.say("a window was opened"))
        self.page.on("request", self.request)

    def __enter__(self):
        self.page.goto(self.path.as_uri())
        return self.page

    def __exit__(self, *_):
        self.context.close()

    def request(self, request):
        if request.url.split("#")[0] != self.path.as_uri():
            self.say(f"request: {request.url}")

    def say(self, text):
        self.found.append({"file": self.path.name, "look": self.name, "wrong": text})


def overflow(look, page, when):
    beyond = page.evaluate(OVERFLOW)
    if beyond > 0:
        look.say(f"the page is {beyond} pixels too wide {when}")


def axe(look, page):
    page.evaluate(AXE)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    for violation in result["violations"]:
        targets = [node["target"] for node in violation["nodes"]][:3]
        look.say(f"axe: {violation['id']}: {violation['help']} {targets}")
    if not result["passes"]:
        look.say("axe looked at nothing")


def shown(browser, path, found, pictures):
    for width, pixels in WIDTHS.items():
        for scheme in SCHEMES:
            # What is made of many reports is long, and has nothing new for every look.
            is_long = path.stat().st_size > LONG
            if is_long and (width, scheme) not in [("wide", "light"), ("narrow", "dark")]:
                continue
            look = Look(browser, path, found, viewport={"width": pixels, "height": 900}, color_scheme=scheme)
            look.name = f"{width} {scheme}"
            with look as page:
                overflow(look, page, "as it opens")
                if pictures:
                    page.screenshot(path=pictures / f"{path.stem}-{width}-{scheme}.png", full_page=True)
                for wrong in page.evaluate(PICTURE):
                    look.say(wrong)
                page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
                overflow(look, page, "with everything unfolded")
                if not is_long or width == "narrow":
                    axe(look, page)


def without_scripts(browser, path, found):
    look = Look(browser, path, found, java_script_enabled=False)
    look.name = "without scripts"
    with look as page:
        if not page.locator("h1").is_visible():
            look.say("no heading is to be seen")
        closed = page.locator("details.as-list > summary")
        if closed.count():
            closed.first.click()
            if not page.locator("details.as-list[open] ul.chain").first.is_visible():
                look.say("a fold does not open")


def from_the_keyboard(browser, path, found):
    look = Look(browser, path, found, viewport={"width": 1280, "height": 900})
    look.name = "from the keyboard"
    with look as page:
        page.keyboard.press("Tab")
        focused = "document.activeElement.className"
        if page.evaluate(focused) != "skip" or page.locator("a.skip").bounding_box()["x"] < 0:
            look.say("the first stop is not the link past the head")
        page.keyboard.press("Enter")
        if page.evaluate("document.activeElement.id") != "answer":
            look.say("the link past the head does not lead to the answer")
        # Focus goes down the page and never jumps back.
        tops = []
        for _ in range(30):
            page.keyboard.press("Tab")
            top = page.evaluate("document.activeElement === document.body ? null : document.activeElement.getBoundingClientRect().top + scrollY")
            if top is None:
                break
            tops.append(top)
        if tops != sorted(tops):
            look.say(f"the focus jumps: {tops}")
        page.keyboard.press("Shift+Tab")


def on_paper(browser, path, found, pictures):
    look = Look(browser, path, found)
    look.name = "on paper"
    with look as page:
        pdf = page.pdf(format="A4", margin={"top": "15mm", "bottom": "15mm", "left": "15mm", "right": "15mm"}, print_background=True)
        if not pdf.startswith(b"%PDF") or len(pdf) < 5_000:
            look.say(f"no PDF comes out: {len(pdf)} bytes")
        if pictures:
            (pictures / f"{path.stem}.pdf").write_bytes(pdf)


def opens(browser, path, found, pictures):
    for scheme in SCHEMES:
        look = Look(browser, path, found, viewport={"width": 1280, "height": 900}, color_scheme=scheme)
        look.name = scheme
        with look as page:
            for wrong in page.evaluate(PICTURE):
                look.say(wrong)
            page.wait_for_timeout(50)
            # Of a document that is no HTML, no screenshot is taken: it is shown as pages show pictures.
            if pictures and path.suffix == ".svg":
                around = pictures / f"{path.stem}.html"
                around.write_text(f'<!doctype html><img src="{path.as_uri()}">')
                page.context.new_page().goto(around.as_uri())
                page.context.pages[-1].screenshot(path=pictures / f"{path.stem}-svg-{scheme}.png", full_page=True)


def main(chromium, folder, pictures=None):
    pictures = pictures and pathlib.Path(pictures)
    found, looked = [], 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        for path in sorted(pathlib.Path(folder).iterdir()):
            looked += 1
            if path.suffix == ".svg" or path.stem.startswith("hostile"):
                opens(browser, path, found, pictures)
            if path.suffix == ".html" and not path.stem.startswith("hostile-"):
                shown(browser, path, found, pictures)
                without_scripts(browser, path, found)
                from_the_keyboard(browser, path, found)
                on_paper(browser, path, found, pictures)
        browser.close()
    for wrong in found:
        print(json.dumps(wrong))
    print(json.dumps({"looked": looked}))


main(*sys.argv[1:])
