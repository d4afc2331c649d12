"""Keys of all kinds: SECRET_KEY and its rotation, API keys, hook tokens, markers."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from drempel.adapters.secrets import WrongSecretKey
from drempel.adapters.store import SqlStore
from drempel.engine.records import ApiScope
from tests.clock import ManualClock
from tests.contract.store_kit import HOUR, SETUP
from tests.databases import Place

# ------------------------------------------------------------------------------------------------------------------- SECRET_KEY


async def test_the_wrong_key_is_noticed_when_the_store_is_opened(store: SqlStore, place: Place, clock: ManualClock) -> None:
    with pytest.raises(WrongSecretKey, match="SECRET_KEY"):
        await place.open(clock, secret_key="another")
    again = await place.open(clock)
    assert again.fingerprint("x") == store.fingerprint("x")
    await again.close()


async def test_rotation_encrypts_everything_anew_and_keeps_fingerprints(
    store: SqlStore, place: Place, clock: ManualClock
) -> None:
    await store.write_setup(SETUP)
    before = (await store.stored_secrets(), await store.hook_tokens("club"), store.fingerprint("x"))
    both = await place.open(clock, secret_key="new,for tests only")
    assert await both.rotate_secrets() == 4
    assert await both.rotate_secrets() == 0
    await both.close()
    with pytest.raises(WrongSecretKey):
        await place.open(clock)
    new = await place.open(clock, secret_key="new")
    assert (await new.stored_secrets(), await new.hook_tokens("club"), new.fingerprint("x")) == before
    await new.close()


async def test_a_cipher_text_that_was_moved_to_another_row_is_refused(store: SqlStore) -> None:
    await store.write_setup(SETUP)
    async with store._database.writer.begin() as connection:
        await connection.execute(text("UPDATE connections SET client_secret = (SELECT password FROM sources)"))
    with pytest.raises(WrongSecretKey):
        await store.stored_secrets()


async def test_two_processes_that_start_at_once_agree(place: Place, clock: ManualClock) -> None:
    stores = (
        [await place.open(clock)] if not place.is_postgresql else await asyncio.gather(*(place.open(clock) for _ in range(4)))
    )
    stores.append(await place.open(clock))
    assert len({each.fingerprint("x") for each in stores}) == 1
    assert len({(await each.marker()).current for each in stores}) == 1
    for each in stores:
        await each.close()


# --------------------------------------------------------------------------------------------------------------------- API keys


async def test_api_keys_are_found_by_their_hash_until_they_are_revoked(store: SqlStore, clock: ManualClock) -> None:
    assert await store.add_api_key("ci", ApiScope.READ, "a" * 64)
    assert not await store.add_api_key("ci", ApiScope.WRITE, "b" * 64)
    assert await store.add_api_key("ops", ApiScope.WRITE, "c" * 64)
    found = [await store.key_of_hash(each * 64) for each in "abc"]
    assert [key and (key.name, key.scope) for key in found] == [("ci", ApiScope.READ), None, ("ops", ApiScope.WRITE)]
    created = clock.now()
    clock.advance(HOUR)
    assert await store.revoke_api_key("ci")
    assert not await store.revoke_api_key("ci")
    assert not await store.revoke_api_key("nobody")
    assert await store.key_of_hash("a" * 64) is None
    assert await store.add_api_key("ci", ApiScope.WRITE, "d" * 64), "the name is free again"
    known = [(key.name, key.scope.value, key.created_at, key.revoked_at) for key in await store.api_keys()]
    assert known == [
        ("ci", "read", created, created + HOUR),
        ("ops", "write", created, None),
        ("ci", "write", created + HOUR, None),
    ]


# ------------------------------------------------------------------------------------------------------------------ hook tokens


async def test_a_rotated_hook_token_lets_the_old_work_for_a_while(store: SqlStore, clock: ManualClock) -> None:
    await store.write_setup(SETUP)
    (first,) = await store.hook_tokens("club")
    assert len(first.token) >= 32
    assert first.valid_until is None
    await store.write_setup(SETUP)
    assert await store.hook_tokens("club") == [first]
    until = clock.now() + timedelta(days=1)
    await store.rotate_hook_token("club", new_token="second", old_valid_until=until)
    await store.rotate_hook_token("club", new_token="third", old_valid_until=until + HOUR)
    tokens = [(each.token, each.valid_until) for each in await store.hook_tokens("club")]
    assert tokens == [("third", None), ("second", until + HOUR), (first.token, until)]
    clock.advance(timedelta(days=1))
    assert [each.token for each in await store.hook_tokens("club")] == ["third", "second"]
    clock.advance(HOUR)
    assert [each.token for each in await store.hook_tokens("club")] == ["third"]
    assert "third" not in repr(await store.hook_tokens("club"))
    await store.rotate_hook_token("club", new_token="fourth", old_valid_until=clock.now() + HOUR)
    await store.rotate_hook_token("club", new_token="fifth", old_valid_until=clock.now())
    assert [each.token for each in await store.hook_tokens("club")] == ["fifth"]
    with pytest.raises(KeyError):
        await store.hook_tokens("nowhere")
    with pytest.raises(KeyError):
        await store.rotate_hook_token("nowhere", new_token="x", old_valid_until=until)


# ---------------------------------------------------------------------------------------------------------------------- markers


async def test_a_new_marker_keeps_the_old_as_its_own(store: SqlStore, place: Place, clock: ManualClock) -> None:
    first = await store.marker()
    assert re.fullmatch("[a-z2-7]{8}", first.current)
    assert first.former == frozenset()
    second = await store.draw_new_marker()
    assert second.current != first.current
    assert second.former == {first.current}
    assert await store.marker() == second
    other = await place.open(clock)
    assert await other.marker() == second
    await other.close()


class Folder:
    """A data folder with a SQLite database and its identity file."""

    def __init__(self, folder: Path, tables: Path) -> None:
        self.database = folder / "drempel.db"
        self.file = folder / "identity.json"
        if not self.database.exists():
            folder.mkdir(exist_ok=True)
            shutil.copy(tables, self.database)

    async def start(self, clock: ManualClock) -> tuple[bool, str]:
        store = await Place(f"sqlite:///{self.database}").open(clock)
        drawn = await store.claim_identity(self.file)
        marker = await store.marker()
        await store.close()
        return drawn, marker.current


@pytest.fixture
def folder(tmp_path: Path, sqlite_tables: Path) -> Folder:
    return Folder(tmp_path / "data", sqlite_tables)


async def test_restarts_keep_the_marker(folder: Folder, clock: ManualClock) -> None:
    first = await folder.start(clock)
    assert not first[0]
    assert [await folder.start(clock) for _ in range(3)] == [first] * 3


async def test_a_crash_between_database_and_file_is_no_restore(folder: Folder, clock: ManualClock) -> None:
    first = await folder.start(clock)
    before = folder.file.read_bytes()
    await folder.start(clock)
    folder.file.write_bytes(before)
    assert await folder.start(clock) == first


async def test_a_database_that_was_put_back_draws_a_new_marker(folder: Folder, clock: ManualClock, tmp_path: Path) -> None:
    _, first = await folder.start(clock)
    backup = tmp_path / "backup.db"
    shutil.copy(folder.database, backup)
    await folder.start(clock)
    shutil.copy(backup, folder.database)
    drawn, second = await folder.start(clock)
    assert drawn
    assert second != first
    store = await Place(f"sqlite:///{folder.database}").open(clock)
    assert not await store.claim_identity(), "without a file nothing can be told"
    await store.close()
    assert await folder.start(clock) == (False, second)


@pytest.mark.parametrize("file", [None, "", "[]", "{}", '{"instance": "another", "starts": 1}', '{"starts": 1}', "\x00"])
async def test_a_database_without_its_file_draws_a_new_marker(folder: Folder, clock: ManualClock, file: str | None) -> None:
    _, first = await folder.start(clock)
    folder.file.unlink()
    if file is not None:
        folder.file.write_text(file)
    drawn, second = await folder.start(clock)
    assert (drawn, second != first) == (True, True)
    assert json.loads(folder.file.read_text())["instance"]


async def test_a_copy_in_another_folder_draws_a_new_marker_and_the_original_keeps_its_own(
    folder: Folder, clock: ManualClock, tmp_path: Path
) -> None:
    _, first = await folder.start(clock)
    copy = Folder(tmp_path / "copy", folder.database)
    drawn, second = await copy.start(clock)
    assert (drawn, second != first) == (True, True)
    assert await folder.start(clock) == (False, first)


async def test_a_copied_postgresql_database_draws_a_new_marker(postgresql_place: Place, clock: ManualClock) -> None:
    store = await postgresql_place.open(clock)
    assert not await store.claim_identity()
    assert not await store.claim_identity()
    first = await store.marker()
    await store.close()
    server = await asyncpg.connect(postgresql_place.url.replace("/drempel?", "/postgres?"))
    await server.execute("DROP DATABASE IF EXISTS copied WITH (FORCE)")
    await server.execute("CREATE DATABASE copied TEMPLATE drempel")
    copy = await Place(postgresql_place.url.replace("/drempel?", "/copied?")).open(clock)
    second = await copy.marker()
    assert second.former == {first.current}, "noticed without being asked"
    assert not await copy.claim_identity()
    await copy.close()
    await server.execute("DROP DATABASE copied WITH (FORCE)")
    await server.close()
