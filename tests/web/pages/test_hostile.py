"""Whatever a booking system or a provider writes into a name stays text, on every page that shows bookings, and in the file for the front desk."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from drempel.domain.access import BookingState
from drempel.domain.events import Event
from drempel.domain.failures import CATALOGUE, Failure
from drempel.engine.records import BookingView
from tests.engine.stand_in import NOW, a_set, a_view
from tests.web.every_route import NEEDS, filled
from tests.web.pages.browser import VOID, Browser, Counting

MARK = "\N{RIGHT-TO-LEFT OVERRIDE}"
SAID = [
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)" x=\'',
    "' autofocus onfocus=alert(1) '",
    "javascript:alert(1)",
    "</title></style></bdi><svg onload=alert(1)>",
    "<!--",
    "]]><![CDATA[",
    "{{ 7 * 7 }}{% include 'pages/base.html' %}%(num)s{0}",
    f"{MARK}gpj.exe",
    "\x00\x08\x0b\x1b[31m",
    "x" * 10_000,
    "\N{ZERO WIDTH JOINER}" * 50,
    "&lt;script&gt;&#60;script&#62;",
    "=cmd|' /C calc'!A0",
]
PAGES = sorted(
    path
    for (method, path), _ in NEEDS.items()
    if method == "GET" and path.startswith(("/today", "/bookings", "/needs")) and not path.startswith("/needs/orphans")
)


class Seen(HTMLParser):
    """What a browser would run, load or lead to; and text in another direction that is not kept apart."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.runs: list[str] = []
        self.leads: set[str] = set()
        self.loose: list[str] = []
        self.elements: set[str] = set()
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "srcdoc", "autofocus"}:
                self.runs.append(f"{tag} {name}")
            if name in {"href", "src", "action", "formaction", "xlink:href", "data"}:
                self.leads.add((value or "").partition("/")[0])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        # Kept apart by an element of its own, or alone in its line.
        alone = {"bdi", "title", "caption", "text", "dt"} & set(self.open) or self.open[-2:] == ["dd", "code"]
        if MARK in data and not alone:
            self.loose.append(f"{' '.join(self.open[-3:])}: {data[:200]}")


def hostile(said: str) -> BookingView:
    one = a_set(display_name=said, authorization_id=said, site_id=said, revoke_reason=said)
    one = replace(
        one, intent=replace(one.intent, component_names=(said, said + "2"), component_ids=(said, said + "2"), site_id=said)
    )
    return a_view(
        "1363",
        sets=[one],
        state=BookingState.NEEDS_PERSON,
        failure=Failure("component.missing", {"names": said, "near": said, "detail": said, "integration": said, "reason": said}),
        history=[Event(at=NOW, type="failure", data={"code": said, "reason": said, "detail": said, said: said})],
        object_name=said,
        object_id=said,
        status=said,
        reason=said,
        field_written=said,
        not_ready=said,
        start=one.facts.start,
        end=one.facts.end,
    )


class Desk:
    """One browser before bookings that change: templates are read once."""

    def __init__(self) -> None:
        self.records = Counting()
        self.browser = Browser(self.records)

    async def seen(self, path: str, view: BookingView) -> tuple[Seen, str]:
        self.records.views = {("club", "1363"): view}
        answer = await self.browser.ask("GET", filled(path))
        assert answer.status == 200
        html = answer.body.decode()
        return Seen(html), html


async def test_a_hostile_text_runs_loads_and_turns_nothing() -> None:
    desk = Desk()
    for path in PAGES:
        plain, _ = await desk.seen(path, hostile("Hall 1"))
        for said in SAID:
            seen, html = await desk.seen(path, hostile(said))
            assert seen.runs == plain.runs == [], (path, said[:20])
            assert seen.leads == plain.leads, (path, said[:20])
            assert seen.elements == plain.elements, (path, said[:20])
            assert seen.loose == [], (path, said[:20])
            assert ("7 * 7" in said) == ("7 * 7" in html), path


async def test_what_a_provider_says_of_a_failure_is_kept_apart() -> None:
    desk, said = Desk(), f"{MARK}<b>x</b>"
    params = dict.fromkeys(("names", "near", "detail", "integration", "source", "reason", "name", "key"), said)
    for code in CATALOGUE:
        view = hostile(said)
        view = replace(view, record=replace(view.record, failure=Failure(code, params)))
        for path in ("/needs", "/bookings", "/bookings/club/1363"):
            seen, _ = await desk.seen(path, view)
            assert "b" not in seen.elements, (path, code)
            assert seen.loose == [], (path, code)


async def test_the_file_for_the_front_desk_forbids_itself_everything_but_its_own_style() -> None:
    html = (await Browser(Counting(hostile("Hall 1"))).ask("GET", "/today/pack")).body.decode()
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in html
    assert html.index("http-equiv") < html.index("<style>")
