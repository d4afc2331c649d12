"""The list of integrations: beside *Active* it says when Resivo refuses us or does not answer."""

from __future__ import annotations

from tests.web.integrations.office import INTEGRATION, Clerk, Office

SITE = "Resivo refuses integration doors at a site Since"
SILENT = "Resivo does not answer integration doors Since Fri 20 Nov, 13:00 CET."


async def test_the_list_says_of_an_integration_that_resivo_refuses_it_or_does_not_answer(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await clerk.save(await clerk.fill("/integrations/new", **{**INTEGRATION, "name": "more", "authorization_field": "custom6"}))
    connection = (await office.store.setup()).integrations["doors"].connection_id
    now = office.clock.now()
    assert "Resivo refuses" not in (await clerk.page("/integrations")).text
    pauses = {
        f"credential:{connection}": "credential.refused",
        f"site:{connection}:site-1": "site.refused",
        f"silence:credential:{connection}": "resivo.unreachable",
        "source:club": "source.refused",
    }
    for key, code in pauses.items():
        await office.store.pause(key, code=code, detail="", probe_at=now)
    page = await clerk.page("/integrations")
    for told in ("Resivo refuses integration doors Since", SITE, SILENT):
        assert page.text.count(told) == 1
    assert "integration more" not in page.text
    assert "club refuses us" not in page.text, "that is told at the source"
    assert page.links.count("/integrations/doors/activity") == 3
    where_it_leads = await clerk.page("/integrations/doors/activity")
    assert "Resivo does not answer integration doors" in where_it_leads.text
    assert "The booking system club refuses our account" in where_it_leads.text
