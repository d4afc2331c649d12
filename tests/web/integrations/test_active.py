"""The question before an integration is made active."""

from __future__ import annotations

from tests.web.integrations.office import Clerk

QUESTION = "/integrations/doors/active"


async def test_without_a_mapped_object_the_question_says_that_it_opens_nothing(clerk: Clerk) -> None:
    await clerk.set_up()
    page = await clerk.page(QUESTION)
    assert "No object is mapped to doors yet: as it stands no booking gets access." in page.text
    assert "/integrations/doors/mapping/edit" in page.links
    await clerk.map("81")
    assert "No object is mapped" not in (await clerk.page(QUESTION)).text
