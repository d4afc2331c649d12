"""The question before an integration is made active."""

from __future__ import annotations

import pytest

from tests.web.integrations.office import Clerk

QUESTION = "/integrations/doors/active"


async def test_without_a_mapped_object_the_question_says_that_it_opens_nothing(clerk: Clerk) -> None:
    await clerk.set_up()
    page = await clerk.page(QUESTION)
    assert "No object is mapped to doors yet: as it stands no booking gets access." in page.text
    assert "/integrations/doors/mapping/edit" in page.links
    await clerk.map("81")
    assert "No object is mapped" not in (await clerk.page(QUESTION)).text


@pytest.mark.parametrize(
    ("turn", "heading", "button"), [("on", "Make it active?", "Activate now"), ("off", "Make it inactive?", "now")]
)
async def test_the_last_button_says_what_it_does(clerk: Clerk, turn: str, heading: str, button: str) -> None:
    await clerk.set_up()
    made = await clerk.fill(QUESTION, active="yes")
    if turn == "off":
        await clerk.save(made)
        made = await clerk.fill(QUESTION, active="")
    text = (await clerk.review(made)).text
    assert heading in text
    assert f"{button} Go back" in text
    assert "Save" not in text
    mapped = await clerk.fill("/integrations/doors/mapping/edit", object="81", site_id="site-1", door="Hall 1")
    text = (await clerk.review(mapped)).text
    assert "Save the changes?" in text
    assert "Save Go back" in text
