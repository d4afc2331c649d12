"""From nothing to a mapped, active integration, by forms alone; and every change is shown before it is saved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drempel.domain.components import Component
from drempel.domain.failures import Failure
from drempel.domain.rights import Role
from drempel.engine.lint_findings import LintFinding
from drempel.engine.setup import DesiredIntegration, SetupWrite
from drempel.web.integrations.content import checked, integration_content
from tests.factories import make_policy
from tests.web.integrations.office import INTEGRATION, REFUSED, SECRET, SOURCE, Clerk, Office
from tests.web.pages.browser import HOSTILE


async def test_an_empty_installation_leads_from_source_to_integration_to_mapping_to_checklist(
    office: Office, clerk: Clerk
) -> None:
    assert "Begin with the booking system" in (await clerk.page("/integrations")).text
    made = await clerk.fill("/sources/new", **SOURCE)
    assert (
        "It shows 7 bookings for the coming year, whatever their status. Drempel takes in none of them before"
        in (await clerk.review(made)).text
    )
    saved = await clerk.send(made.header("location"))
    assert saved.header("location") == "/sources/club?done=source_made"
    page = await clerk.page("/sources/club")
    assert "/integrations/new" in page.links
    assert "none before an integration follows this source" in page.text
    assert "Bookings in the last complete poll" not in page.text
    made = await clerk.fill("/integrations/new", **INTEGRATION)
    shown = await clerk.review(made)
    assert "Integration doors will be added (source club, 0 objects mapped, not active)" in shown.text
    assert "Sports hall" in shown.text
    saved = await clerk.send(made.header("location"))
    assert saved.header("location") == "/integrations/doors/mapping?done=made"
    assert (await clerk.map("81", "Main entrance", "Hall 1")).status == 303
    page = await clerk.page("/integrations/doors/mapping")
    assert "Object 81" in page.text
    assert "Hall 1 Offline" in page.text
    saved = await clerk.save(await clerk.fill("/integrations/doors/active", active="yes"))
    assert saved.header("location") == "/integrations/doors/existing?done=active"
    page = await clerk.page(saved.header("location"))
    assert "The integration is active" in page.text
    assert "the checklist asks you about them" in page.text
    setup = await office.store.setup()
    one = setup.integrations["doors"]
    assert (one.policy.active, one.policy.authorization_field, one.site_id) == (True, "custom05", "site-1")
    assert one.mappings[0].component_names == ("Main entrance", "Hall 1")
    assert "Objects are mapped to doors" in (await clerk.page("/integrations/doors/checklist")).text
    told = [about for _, kind, about, _, _ in await office.trail() if kind == "setup.change"]
    assert told[-1] == "changed integration doors: now active"
    assert SECRET not in "".join(told)


async def test_rules_saved_while_inactive_or_paused_say_that_they_do_nothing_yet_and_lead_on(
    office: Office, clerk: Clerk
) -> None:
    await clerk.set_up()
    saved = await clerk.save(await clerk.fill("/integrations/doors/details", **{**INTEGRATION, "time_before_minutes": "30"}))
    page = await clerk.page(saved.header("location"))
    assert "not active, no access is created by it yet" in page.text
    assert "/integrations/doors/mapping/edit" in page.links
    page = await clerk.page((await clerk.map("81")).header("location"))
    assert "It holds from now on" not in page.text
    assert {"/integrations/doors/checklist", "/integrations/doors/active"} <= set(page.links)
    await clerk.save(await clerk.fill("/integrations/doors/active", active="yes"))
    page = await clerk.page((await clerk.map("82")).header("location"))
    assert "It holds from now on" in page.text
    assert "/integrations/doors/active" not in page.links
    await clerk.fill("/integrations/doors/pause", paused="yes")
    page = await clerk.page((await clerk.map("83")).header("location"))
    assert "it holds once it goes on" in page.text


async def test_nothing_is_saved_that_fails_its_test_unless_one_says_so(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    office.others.failure = REFUSED
    tested = await clerk.fill("/integrations/doors/authentication", **{**INTEGRATION, "client_secret": "another"})
    shown = await clerk.review(tested)
    assert "The test failed." in shown.text
    assert "another" not in shown.text
    assert (await clerk.send(tested.header("location"))).status == 409
    assert SECRET in (await office.store.stored_secrets()).client_secrets.values()
    assert (await clerk.send(tested.header("location"), although="yes")).status == 303
    assert "another" in (await office.store.stored_secrets()).client_secrets.values()


@pytest.mark.parametrize(
    ("form", "typed", "secret"), [("/sources/new", SOURCE, "password"), ("/integrations/new", INTEGRATION, "client_secret")]
)
async def test_who_goes_back_from_a_failed_test_finds_what_was_typed_and_no_secret(
    office: Office, clerk: Clerk, form: str, typed: dict[str, str], secret: str
) -> None:
    await clerk.save(await clerk.fill("/sources/new", **{**SOURCE, "name": "other"}))
    office.others.failure = REFUSED
    tested = await clerk.fill(form, **{**typed, "source": "other", secret: "not-the-right-one"})
    back = next(link for link in (await clerk.review(tested)).links if link.startswith(f"{form}?draft="))
    body = (await clerk.browser.look(back)).body.decode()
    for field in set(typed) & {"name", "username", "site_owner_id", "client_id", "authorization_field"}:
        assert f'value="{typed[field]}"' in body, field
    assert "not-the-right-one" not in body
    somebody_else = await office.clerk("Bert")
    assert "not-the-right-one" not in (seen := (await somebody_else.browser.look(back)).body.decode())
    assert 'value="doors"' not in seen


@pytest.mark.parametrize(
    ("form", "typed", "failure", "field"),
    [
        ("/sources/new", SOURCE, "source.refused", "“Account” and “Password”"),
        ("/sources/new", SOURCE, "source.unreachable", "“Address of i-Reserve”"),
        ("/integrations/new", INTEGRATION, "credential.refused", "“Client secret”"),
        ("/integrations/new", INTEGRATION, "site.refused", "“Site ID”"),
    ],
)
async def test_a_failed_test_of_what_is_not_saved_names_the_fields_that_are_there(
    office: Office, clerk: Clerk, form: str, typed: dict[str, str], failure: str, field: str
) -> None:
    await clerk.save(await clerk.fill("/sources/new", **{**SOURCE, "name": "other"}))
    office.others.failure = Failure(failure, {"source": "club", "integration": "doors", "site": "site-1", "detail": "401"})
    shown = await clerk.review(await clerk.fill(form, **{**typed, "source": "other"}))
    assert field in shown.text
    for page in ("“Sources”", "“Authentication”"):
        assert page not in shown.text


async def test_an_empty_secret_keeps_the_present_one_and_no_page_shows_it(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await clerk.save(
        await clerk.fill("/integrations/doors/authentication", **{**INTEGRATION, "client_secret": "", "client_id": "other"})
    )
    assert list((await office.store.stored_secrets()).client_secrets.values())[-1] == SECRET
    wrong = await clerk.fill(
        "/integrations/doors/authentication", **{**INTEGRATION, "site_owner_id": "no good", "client_secret": "whispered"}
    )
    assert wrong.status == 400
    for path in ("authentication", "details", "mapping", "checklist", "activity"):
        answer = await clerk.browser.look(f"/integrations/doors/{path}")
        assert SECRET.encode() not in answer.body
    assert b"whispered" not in wrong.body
    assert "Type it again: what was typed is not kept in the page." in wrong.text
    assert b'value="no good"' in wrong.body


@pytest.mark.parametrize(
    "moved",
    [
        {"base_url": "https://evil.test"},
        {"base_url": "https://api.resivo.io:8443"},
        {"base_url": "http://127.0.0.1:8080"},
        {"base_url": "http://api.resivo.io", "allow_insecure": "yes"},
    ],
)
async def test_the_present_secret_is_sent_to_no_other_address(office: Office, clerk: Clerk, moved: dict[str, str]) -> None:
    await clerk.set_up()
    office.others.asked.clear()
    refused = await clerk.fill("/integrations/doors/authentication", **{**INTEGRATION, "client_secret": "", **moved})
    assert refused.status == 400
    assert "Copy the client secret" in refused.text
    assert office.others.asked == []
    typed = {**INTEGRATION, "client_secret": "typed anew", **moved}
    assert (await clerk.fill("/integrations/doors/authentication", **typed)).status == 303
    assert office.others.asked != []


async def test_a_problem_stands_beside_its_field_with_what_was_typed(clerk: Clerk) -> None:
    await clerk.set_up()
    wrong = await clerk.fill(
        "/integrations/doors/details",
        **{**INTEGRATION, "authorization_field": "field 5", "more_trigger": "", "time_before_minutes": "soon"},
    )
    assert wrong.status == 400
    for sentence in ("Write the booking field as custom05.", "for at least one status", "Write a whole number of minutes"):
        assert sentence in wrong.text
    assert b'value="field 5"' in wrong.body


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest",
        "https://[fe80::1]",
        "https://2852039166",
        "https://0xa9.0xfe.0xa9.0xfe",
        "https://metadata.google.internal",
        "https://[::ffff:169.254.169.254]",
        "http://club.test",
        "ftp://club.test",
        "https://u:p@club.test",
    ],
)
async def test_an_address_into_the_machine_room_is_refused_before_anything_is_sent(
    office: Office, clerk: Clerk, address: str
) -> None:
    wrong = await clerk.fill("/sources/new", **{**SOURCE, "base_url": address})
    assert wrong.status == 400
    assert "Write the address as" in wrong.text
    assert office.others.asked == []


async def test_a_form_never_names_a_file_as_profile(office: Office, clerk: Clerk) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    assert (await clerk.fill("/integrations/new", **{**INTEGRATION, "profile": "/etc/passwd"})).status == 400


async def test_a_save_over_a_newer_version_is_refused_with_what_changed(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    version = str((await office.store.setup()).version)
    other = await office.clerk("Ben", Role.MANAGER)
    await other.save(await other.fill("/integrations/doors/details", **{**INTEGRATION, "time_before_minutes": "30"}))
    stale = await clerk.send("/integrations/doors/details", **{**INTEGRATION, "time_before_minutes": "45", "version": version})
    shown = await clerk.review(stale)
    assert "Somebody else changed the same meanwhile" in shown.text
    assert "time before 15 min -> 30 min" in shown.text
    assert (await clerk.send(stale.header("location"))).status == 409
    assert (await office.store.setup()).integrations["doors"].policy.time_before.total_seconds() == 1800


async def test_a_draft_is_for_who_made_it_and_once(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    made = await clerk.fill("/integrations/doors/details", **{**INTEGRATION, "time_before_minutes": "30"})
    other = await office.clerk("Ben", Role.ADMINISTRATOR)
    await other.page(made.header("location"), status=404)
    assert (await clerk.send(made.header("location"))).status == 303
    await clerk.page(made.header("location"), status=404)


async def test_a_renamed_door_is_put_right_by_one_button(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await clerk.map("81", "Main entrance")
    office.others.doors = [Component(id="c-1", display_name="Front door", online=True)]
    office.others.findings = [
        LintFinding(
            code="name.renamed",
            integration="doors",
            message="",
            remedy="",
            mapping=0,
            key="components",
            element=0,
            new_name="Front door",
        )
    ]
    page = await clerk.page("/integrations/doors/mapping")
    assert "No door has this name" in page.text
    version = str((await office.store.setup()).version)
    taken = await clerk.send(
        "/integrations/doors/mapping/rename", site_id="site-1", old="Main entrance", new="Front door", version=version
    )
    assert "will open: Front door; so far: Main entrance" in (await clerk.review(taken)).text
    assert (await clerk.send(taken.header("location"))).status == 303
    assert (await office.store.setup()).integrations["doors"].mappings[0].component_names == ("Front door",)


async def test_renamed_doors_are_looked_for_only_where_a_name_is_missing(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await clerk.save(await clerk.fill("/integrations/doors/mapping/edit", object="81", site_id="site-1", door=["Main entrance"]))
    await clerk.page("/integrations/doors/mapping")
    assert "lint" not in office.others.asked
    office.others.doors = [Component(id="c-1", display_name="Front door", online=True)]
    await clerk.page("/integrations/doors/mapping")
    assert "lint" in office.others.asked


async def test_the_id_of_an_object_stands_apart_from_its_name(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    office.others.object_names_known = {"81": "Hall 1"}
    for object_id in ("81", "82"):
        await clerk.map(object_id)
    page = await clerk.page("/integrations/doors/mapping")
    assert "Hall 1 (81)" in page.text
    assert "Object 82" in page.text
    assert "Doors of Hall 1 (81)" in (await clerk.page("/integrations/doors/mapping/edit?object=81&site=site-1")).text


async def test_what_will_be_is_told_with_names_and_kept_in_the_trail_with_ids(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    office.others.object_names_known = {"81": "Large hall"}
    mapped = {"site_id": "site-1", "door": ["Main entrance", "Hall 1"]}
    made = await clerk.fill("/integrations/doors/mapping/edit", object="81", **mapped)
    told = (await clerk.review(made)).text
    assert "Bookings of Large hall will open: Main entrance, Hall 1 (site Sports hall)" in told
    assert "mapped to" not in told
    await clerk.send(made.header("location"))
    about = [about for _, kind, about, _, _ in await office.trail() if kind == "setup.change"]
    assert about[-1] == "changed integration doors: object 81 at site site-1 mapped to Main entrance, Hall 1"
    unknown = await clerk.fill("/integrations/doors/mapping/edit", object="82", **mapped)
    assert "Bookings of object 82 will open" in (await clerk.review(unknown)).text
    turned = await clerk.fill("/integrations/doors/active", active="yes")
    assert "The integration will be active" in (await clerk.review(turned)).text


async def test_names_of_doors_and_objects_stay_text(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    office.others.doors = [Component(id="c-1", display_name=HOSTILE, online=None)]
    assert (await clerk.map("81", HOSTILE)).status == 303
    for path in (
        "mapping",
        "mapping/edit?object=81&site=site-1",
        f"mapping/edit?object={'%3Cscript%3E'}&q=%22%3E%3Cscript%3E",
        "checklist",
    ):
        page = await clerk.page(f"/integrations/doors/{path}")
        assert page.of("img") == []
        assert len(page.of("script")) == 1


async def test_a_manager_maps_and_pauses_but_sees_no_credential(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    manager = await office.clerk("Ben", Role.MANAGER)
    assert (await manager.map("81")).status == 303
    assert (await manager.fill("/integrations/doors/pause", paused="yes")).status == 303
    assert (await office.store.setup()).integrations["doors"].paused
    for path in ("/integrations/doors/authentication", "/sources", "/sources/club", "/integrations/new"):
        await manager.page(path, status=403)
    reception = await office.clerk("Cleo", Role.RECEPTION)
    for path in ("/integrations", "/integrations/doors/mapping", "/integrations/doors/pause"):
        await reception.page(path, status=403)


async def test_only_what_a_probe_cannot_tell_is_ticked_by_a_person_with_who_and_when(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await clerk.send("/integrations/doors/checklist", item="rollback", done="yes")
    await clerk.send("/integrations/doors/checklist", item="token", done="yes")
    assert set(await office.store.insight.ticks("doors")) == {"rollback"}
    assert "Anna, " in (await clerk.page("/integrations/doors/checklist")).text
    await clerk.send("/integrations/doors/checklist", item="rollback", done="")
    assert await office.store.insight.ticks("doors") == {}
    assert [line[2:] for line in await office.trail() if line[1] == "setup.tick"] == [
        ("doors: rollback", "open", "done"),
        ("doors: rollback", "done", "open"),
    ]


async def test_the_checklist_leads_to_the_page_where_each_thing_is_done(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    there = {"/integrations/doors/mapping", "/sources/club#hook-title", "/integrations/doors/active", "/bookings"}
    assert there <= set((await clerk.page("/integrations/doors/checklist")).links)
    manager = await office.clerk("Ben", Role.MANAGER)
    page = await manager.page("/integrations/doors/checklist")
    assert not [link for link in page.links if link.startswith(("/sources", "/integrations/doors/authentication"))]
    assert "Register the hook on the page of the source, then change a booking. An administrator can change it." in page.text


async def test_the_checklist_names_mapped_objects_that_nobody_knows(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await clerk.save(await clerk.fill("/integrations/doors/mapping/edit", object="99", site_id="site-1", door=["Hall 1"]))
    told = "99. No booking names it, and the booking system does not tell its name"
    assert told in (await clerk.page("/integrations/doors/checklist")).text
    office.others.object_names_known["99"] = "Sauna"
    assert told not in (await clerk.page("/integrations/doors/checklist")).text


async def test_what_is_inactive_and_has_no_access_offers_no_pause(clerk: Clerk) -> None:
    await clerk.set_up()
    assert "/integrations/doors/pause" not in (await clerk.page("/integrations/doors/checklist")).links
    await clerk.save(await clerk.fill("/integrations/doors/active", active="yes"))
    assert "/integrations/doors/pause" in (await clerk.page("/integrations/doors/checklist")).links
    await clerk.fill("/integrations/doors/pause", paused="yes")
    await clerk.save(await clerk.fill("/integrations/doors/active", active=""))
    assert "/integrations/doors/pause" in (await clerk.page("/integrations/doors/checklist")).links


async def test_what_is_active_but_paused_is_to_go_on_and_not_to_be_made_active(clerk: Clerk) -> None:
    await clerk.set_up()
    assert "Make it active when everything above is done." in (await clerk.page("/integrations/doors/checklist")).text
    await clerk.save(await clerk.fill("/integrations/doors/active", active="yes"))
    await clerk.fill("/integrations/doors/pause", paused="yes")
    page = await clerk.page("/integrations/doors/checklist")
    assert "It is active but paused: let it go on." in page.text
    assert "Make it active" not in page.text
    today = await clerk.page("/today")
    assert "Integration doors is paused since" in today.text


async def test_what_is_not_active_leads_from_the_first_page_to_its_checklist(clerk: Clerk) -> None:
    await clerk.set_up()
    for path in ("/today", "/needs"):
        page = await clerk.page(path)
        assert "Integration doors is not active: nothing is created." in page.text
        assert "/integrations/doors/checklist" in page.links


async def test_the_language_of_messages_is_told_by_its_name(clerk: Clerk) -> None:
    await clerk.set_up()
    page = await clerk.page("/integrations/doors/checklist")
    assert "The site has a language for its messages: Dutch (defaultLocale nl)" in page.text


async def test_what_is_not_there_is_a_page_that_says_so(clerk: Clerk) -> None:
    for path in ("", "/mapping", "/authentication", "/active"):
        assert "No integration of this name" in (await clerk.page(f"/integrations/nothing{path}", status=404)).text
    await clerk.page("/sources/nothing", status=404)


async def test_an_empty_form_and_a_foreign_one_change_nothing(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    before = await office.store.setup()
    assert (await clerk.send("/integrations/doors/mapping/edit")).status == 400
    foreign = await clerk.browser.send("/integrations/doors/pause", {"sec-fetch-site": "cross-site"}, paused="yes")
    without = await clerk.browser.send("/integrations/doors/pause", paused="yes")
    assert (foreign.status, without.status) == (403, 403)
    long = await clerk.send("/integrations/doors/details", **{**INTEGRATION, "more_trigger": "x" * 70_000})
    assert long.status == 413
    assert replace(await office.store.setup(), version=0) == replace(before, version=0)


async def test_the_set_up_names_objects_and_sites_and_leads_to_where_it_is_changed(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    await clerk.map()
    ben = await office.clerk("Ben", Role.RECEPTION)
    page = await ben.page("/setup")
    assert "Sports hall site-1" in page.text
    assert "Doors and rules are changed by a manager or an administrator" in page.text
    assert "drempel apply" not in page.text
    assert "/integrations" not in page.links
    assert "/integrations" in (await (await office.clerk("Cleo", Role.MANAGER)).page("/setup")).links
    assert {"/integrations", "/sources"} <= set((await clerk.page("/setup")).links)


async def test_the_statuses_of_a_fresh_booking_system_are_offered_with_their_names(office: Office, clerk: Clerk) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    page = await clerk.page("/integrations/new")
    offered = [
        each["name"] for each in page.of("input") if str(each["name"]).startswith("status:") and each["value"] == "trigger"
    ]
    assert offered == [f"status:{code}" for code in (10, 11, 20, 30, 40, 70, 80, 90)]
    assert "70 CANCELLED" in page.text
    ticked = {"status:20": "trigger", "status:30": "trigger", "status:70": "revoke", "status:10": "neither"}
    await clerk.save(await clerk.fill("/integrations/new", **{**INTEGRATION, "more_trigger": "", "more_revoke": "", **ticked}))
    policy = (await office.store.setup()).integrations["doors"].policy
    assert (policy.trigger_statuses, policy.revoke_statuses) == ({"20", "30"}, {"70"})


async def test_a_status_that_is_no_number_is_refused_where_it_was_typed(office: Office, clerk: Clerk) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    for path in ("/integrations/new", "/integrations/doors/details"):
        answer = await clerk.fill(path, **{**INTEGRATION, "more_trigger": "20, 30 open"})
        assert answer.status == 400
        assert "A status is a number, as in 20" in answer.text
        kept = next(each["value"] for each in answer.page.of("input") if each.get("name") == "more_trigger")
        assert "open" in str(kept).split()
        if path.endswith("new"):
            await clerk.save(await clerk.fill(path, **INTEGRATION))


async def test_a_status_of_words_that_the_set_up_file_named_can_stay(office: Office, clerk: Clerk) -> None:
    await clerk.set_up()
    setup = await office.store.setup()
    desired = replace(await as_desired(office), policy=make_policy(trigger_statuses=frozenset({"confirmed"})))
    assert setup.integrations["doors"].policy.trigger_statuses == {"20", "30"}
    await office.store.write_setup(SetupWrite(integrations=(desired,)))
    answer = await clerk.fill("/integrations/doors/details", **{**INTEGRATION, "more_trigger": "confirmed"})
    assert answer.status == 303


async def as_desired(office: Office) -> DesiredIntegration:
    setup, secrets = await office.store.setup(), await office.store.stored_secrets()
    content, own = integration_content(setup, secrets, setup.integrations["doors"])
    return checked(content, is_source=False, present=setup, profile_json=own)[0].integrations[0]


async def test_the_review_of_a_new_integration_tells_all_that_will_hold(clerk: Clerk) -> None:
    await clerk.save(await clerk.fill("/sources/new", **SOURCE))
    told = (await clerk.review(await clerk.fill("/integrations/new", **{**INTEGRATION, "default_country": "NL"}))).text
    for sentence in (
        "Access is created at: 20 (OPEN), 30 (PAID).",
        "It is revoked at: 70 (CANCELLED), 80 (REJECTED).",
        "The doors open 15 minutes before the booking starts.",
        "written into booking field custom05.",
        "read as numbers of Netherlands (NL).",
        "the access is replaced at any status that is not a revoke status.",
    ):
        assert sentence in told
    await clerk.save(await clerk.fill("/integrations/new", **INTEGRATION))
    changed = await clerk.review(await clerk.fill("/integrations/doors/details", **{**INTEGRATION, "time_before_minutes": "30"}))
    assert "Access is created at" not in changed.text
