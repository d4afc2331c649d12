"""A profile that cannot list sites: where no site is named nothing was tested, and the pages say so and lead to the field."""

from __future__ import annotations

from drempel.domain.rights import Role
from tests.web.integrations.office import INTEGRATION, SOURCE, Clerk, Office

TOLD = "This profile cannot list sites: type the Site ID."
LITERAL = {**INTEGRATION, "profile": "onegov-literal", "site_id": ""}
BASE = "/integrations/doors"


async def saved(office: Office, clerk: Clerk) -> None:
    office.others.lists_sites = False
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    made = await clerk.fill("/integrations/new", **LITERAL)
    await clerk.review(made)
    assert (await clerk.send(made.header("location"), although="yes")).status == 303


async def test_a_test_that_asked_nothing_is_not_told_as_a_success(office: Office, clerk: Clerk) -> None:
    office.others.lists_sites = False
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    made = await clerk.fill("/integrations/new", **LITERAL)
    page = await clerk.review(made)
    assert TOLD in page.text
    assert "Resivo takes the credential" not in page.text
    field = next(link for link in page.links if link.endswith("#site_id"))
    assert 'value="owner-1"' in (await clerk.browser.look(field.removesuffix("#site_id"))).body.decode()
    assert (await clerk.send(made.header("location"))).status == 409
    named = await clerk.review(await clerk.fill("/integrations/new", **{**LITERAL, "site_id": "site-1"}))
    assert TOLD not in named.text
    assert "Resivo takes the credential" in named.text


async def test_the_mapping_says_why_there_is_no_door_and_leads_to_the_field(office: Office, clerk: Clerk) -> None:
    await saved(office, clerk)
    for path in (f"{BASE}/mapping", f"{BASE}/mapping/edit"):
        page = await clerk.page(path)
        assert TOLD in page.text
        assert f"{BASE}/authentication#site_id" in page.links
    page = await (await office.clerk("Ben", Role.MANAGER)).page(f"{BASE}/mapping/edit")
    assert f"{TOLD} Without one nothing is asked of Resivo, and no door is found. An administrator can change it." in page.text


async def test_the_checklist_does_not_tick_a_credential_that_nobody_showed(office: Office, clerk: Clerk) -> None:
    await saved(office, clerk)
    assert "Not known Resivo takes the credential" in (await clerk.page(f"{BASE}/checklist")).text
