"""The help of a failure leads to the page on which it is repaired, if the reader may open it."""

from __future__ import annotations

from drempel.domain.rights import Role
from drempel.web.pages.helping import NAMED_MAX
from tests.web.integrations.office import INTEGRATION, Clerk, Office


async def test_it_leads_to_the_pages_of_the_source_and_of_the_integration(clerk: Clerk) -> None:
    await clerk.set_up()
    missing = await clerk.page("/help/failures/component.missing")
    assert {"/integrations/doors/mapping", "/needs"} <= set(missing.links)
    assert "/sources/club" in (await clerk.page("/help/failures/source.refused")).links
    for link in (
        "/integrations/doors/mapping",
        "/sources/club",
        "/integrations/doors/authentication",
        "/integrations/doors/details",
    ):
        await clerk.page(link)


async def test_who_may_not_open_a_page_is_told_who_may(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    reception = await office.clerk("Bert", Role.RECEPTION)
    page = await reception.page("/help/failures/source.refused")
    assert "/sources/club" not in page.links
    assert "Source: club (may be opened by: Administrator)" in page.text


async def test_of_many_the_list_is_the_link(clerk: Clerk) -> None:
    await clerk.set_up()
    for number in range(NAMED_MAX):
        other = {**INTEGRATION, "name": f"more{number}", "authorization_field": f"custom1{number}"}
        assert (await clerk.save(await clerk.fill("/integrations/new", **other))).status == 303
    page = await clerk.page("/help/failures/component.missing")
    assert "/integrations/doors/mapping" not in page.links
    assert "Mapping" in page.text
