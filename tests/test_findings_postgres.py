"""The register in PostgreSQL: Python's own hash, and teams that see and write only their own villages."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from registers import TIME, notes, people

from sampling.findings import Event, Register
from sampling.findings.chain import chained
from sampling.words import InputError

psycopg = pytest.importorskip("psycopg")

pytest_plugins = ["registers_opened"]

ODD = [chr(code) for code in range(1, 0x21)] + [
    '"',
    "\\",
    "/",
    "\x7f",
    "\u2028",
    "\u2029",
    "😀",
    "𠮷",
    "é",
    "e\u0301",
]
ADD = "SELECT {schema}.add_events('a', 't', ARRAY['finding'], ARRAY[$j$PAYLOAD$j$], "
CALL = ADD + "ARRAY[NULL::text], ARRAY[NULL::text])"
"""One event, added without our code."""


def about(village: str, **more) -> Event:
    return Event(kind="finding", payload={"finding": {"village": village, **more}})


@pytest.fixture(scope="module")
def base(postgres):
    """A register with two teams, each with two villages."""
    from registers_postgres import PASSWORD, PostgresBase

    from sampling.findings.postgres_accounts import create_team_account

    base = PostgresBase(cluster=postgres)
    create_team_account(base.admin, "team-1", ["v1", "v2"], PASSWORD)
    create_team_account(base.admin, "组-2", ["v3", "0371"], PASSWORD)
    return base


@pytest.fixture(scope="module")
def written(base):
    """Events of the office about three villages, one about none, and one of each team about none."""
    base.register().append(
        [about("v1"), about("v3"), about("v9"), Event(kind="note", payload={"n": 1})],
        actor="intake",
        time=TIME,
    )
    for name in ("team-1", "组-2"):
        team(base, name).append([Event(kind="file_received", payload={"by": name})], actor="x", time=TIME)
    return base


def team(base, name: str) -> Register:
    return Register(base.cluster.address(name, schema=base.schema))


def refused(base, name: str, statement: str) -> str:
    """What the database says to a team that tries this without our code; its SQLSTATE."""
    with base.cluster.connect(name) as connection, pytest.raises(psycopg.Error) as error:
        connection.execute(statement.format(schema=base.schema), prepare=False)
    return error.value.sqlstate


def test_the_database_computes_the_very_hash_that_python_computes(base):
    register, expected = base.register(), []
    start = head = register.head()
    for one in ODD:
        event = Event(kind=f"k{one}", payload={f"a{one}": [one, {"b": one * 2}], "n": 1.5e-7})
        expected += chained([event], head, actor=f"经办{one}", time=f"{TIME}{one}")
        head = register.append([event], actor=f"经办{one}", time=f"{TIME}{one}")
    assert list(register.events()[start.seq :]) == expected
    assert register.check() == ()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
            max_leaves=6,
        ),
        max_size=4,
    )
)
def test_whatever_an_event_holds_is_kept_as_it_is(base, values):
    register = base.register()
    events = [Event(kind="note", payload={"value": value}) for value in values]
    head = register.head()
    entries = chained(events, head, actor="a", time=TIME)
    register.append(events, actor="a", time=TIME)
    assert list(register.events()[head.seq :]) == entries
    assert [json.loads(entry.payload)["value"] for entry in entries] == values


def test_a_team_sees_its_own_villages_and_what_it_wrote_about_none(written):
    def seen(name: str) -> list[str]:
        return [json.loads(entry.payload) for entry in team(written, name).events()]

    first, second = seen("team-1"), seen("组-2")
    assert first == [{"finding": {"village": "v1"}}, {"by": "team-1"}]
    assert second == [{"finding": {"village": "v3"}}, {"by": "组-2"}]
    assert len(written.register().events()) == written.register().head().seq > 6
    with written.cluster.connect("team-1") as connection:
        rows = connection.execute(f"SELECT DISTINCT village FROM {written.schema}.event").fetchall()
        own = connection.execute(f"SELECT DISTINCT account FROM {written.schema}.team_village").fetchall()
    assert rows == [("v1",), ("",)] or rows == [("",), ("v1",)]
    assert own == [("team-1",)]


def test_a_team_adds_to_its_own_villages_under_the_name_of_its_account(written):
    head = team(written, "组-2").append([about("v3"), about("0371")], actor="office", time=TIME)
    last = written.register().events()[-1]
    assert head == written.register().head() == (last.seq, last.hash)
    assert last.actor == "组-2" and written.register().check() == ()


@pytest.mark.parametrize(
    "payload",
    [
        {"finding": {"village": "v3"}},
        {"village": "v1", "finding": {"village": "v3"}},
        {"village": "v3", "finding": {"village": "v1"}},
        {"village_form": {"village": "v9"}},
        {"correction": {"village": "v3"}},
        {"village": "v1", "key": ["", "v3", "h1"]},
        {"village": "v1", "item": ["household", "", "v3", "h1"], "cells": {}},
        {"village": "v1", "item": ["village", "v3"], "cells": {}},
        {"village": "v1", "item": ["row", "v3", "7"], "cells": {}},
        {"village": "v1\x00"},
        {"village": " v1"},
        {"village": 1},
    ],
)
def test_a_team_cannot_write_about_another_village(written, payload):
    head = written.register().head()
    with pytest.raises(InputError) as error:
        team(written, "team-1").append(
            [about("v1"), Event(kind="finding", payload=payload)], actor="a", time=TIME
        )
    assert [problem.key for problem in error.value.problems] == ["register.not_allowed"]
    assert "team-1" in error.value.problems[0].to_line("zh")
    assert written.register().head() == head and written.register().check() == ()


def test_what_somebody_wrote_into_a_form_does_not_count_as_the_village(written):
    payload = {"village": "v1", "item": ["household", "", "v1", "h1"], "cells": {"village": "v3"}}
    team(written, "team-1").append([Event(kind="finding", payload=payload)], actor="a", time=TIME)
    assert json.loads(written.register().events()[-1].payload) == payload


def test_an_escaped_name_of_a_village_is_read_as_what_it_says(written):
    def tried(payload: str) -> str:
        doubled = payload.replace("{", "{{").replace("}", "}}")
        return refused(written, "team-1", CALL.replace("PAYLOAD", doubled))

    for payload in (
        r'{"vill\u0061ge": "v3"}',
        r'{"village": "\u0076\u0033"}',
        r'{"village": "v1", "village": "v3"}',
        r'{"village": "v3", "village\u0000": "v1"}',
        r'{"village": "\\u0000v1"}',
    ):
        assert tried(payload) == "42501"
    for payload in ("[]", '"v1"', "nothing", r'{"village": "\ud800"}'):
        assert tried(payload).startswith("22")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO {schema}.event VALUES (99, 't', 'a', 'finding', '{{}}', 'x', 'x', 'v1')",
        "UPDATE {schema}.event SET payload = '{{}}'",
        "DELETE FROM {schema}.event",
        "TRUNCATE {schema}.event",
        "UPDATE {schema}.head SET seq = 0",
        "SELECT * FROM {schema}.vault",
        "INSERT INTO {schema}.vault VALUES ('a', 'b', 'c')",
        "DELETE FROM {schema}.vault",
        "INSERT INTO {schema}.team_village VALUES ('team-1', 'v3')",
        "UPDATE {schema}.team_village SET village = 'v3'",
        "SELECT {schema}.erase_records(ARRAY['a'])",
        "SELECT {schema}.keep_record('a', 'b', 'c')",
        "SELECT {schema}.villages('{{}}')",
        'SET ROLE "postgres.{schema}.owner"',
        'SET ROLE "postgres.{schema}.office"',
        'SET SESSION AUTHORIZATION "office-{schema}"',
        "ALTER TABLE {schema}.event DISABLE TRIGGER ALL",
        "ALTER TABLE {schema}.event NO FORCE ROW LEVEL SECURITY",
        "CREATE TABLE {schema}.mine (village text)",
        "DROP TABLE {schema}.event",
        CALL.replace("'finding'", "'erased'").replace("PAYLOAD", "{{}}"),
    ],
)
def test_a_team_cannot_get_past_the_function(written, statement):
    head = written.register().head()
    assert refused(written, "team-1", statement) == "42501"
    assert written.register().head() == head and written.register().check() == ()


def test_no_setting_shows_a_team_more(written):
    for setting in (
        "SET row_security = off",
        "SET search_path = pg_temp",
        "SET default_transaction_read_only = on",
    ):
        with written.cluster.connect("team-1") as connection:
            connection.execute(setting)
            try:
                rows = connection.execute(f"SELECT village FROM {written.schema}.event").fetchall()
            except psycopg.errors.InsufficientPrivilege:
                rows = []
            assert {village for (village,) in rows} <= {"v1", "v2", ""}


def test_a_team_cannot_put_tables_of_its_own_before_those_of_the_function(written):
    head = written.register().head()
    with written.cluster.connect("team-1") as connection:
        connection.execute("CREATE TEMP TABLE team_village (account text, village text)")
        connection.execute("INSERT INTO team_village VALUES ('team-1', 'v3')")
        connection.execute("CREATE TEMP TABLE head AS SELECT 0 AS seq, 'x' AS hash")
        connection.execute("GRANT ALL ON team_village, head TO PUBLIC")
        connection.execute(f"SET search_path = pg_temp, {written.schema}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(CALL.format(schema=written.schema).replace("PAYLOAD", '{"village": "v3"}'))
    assert written.register().head() == head


def test_a_team_writes_into_the_vault_and_cannot_read_it_nor_check_nor_erase(written):
    one = team(written, "team-1")
    one.append(
        [Event(kind="finding", payload={"village": "v2"}, personal={"name": "赵"})], actor="a", time=TIME
    )
    digest = json.loads(written.register().events()[-1].payload)["personal"]
    assert written.register().personal([digest]) == {digest: {"name": "赵"}} and one.personal([digest]) == {}
    for forbidden in (
        one.check,
        lambda: one.erase([digest], actor="a", time=TIME, reason="none"),
    ):
        with pytest.raises(InputError) as error:
            forbidden()
        assert [problem.key for problem in error.value.problems] == ["register.not_allowed"]
    assert written.register().check() == ()


def test_a_record_must_be_what_its_event_says(written):
    call = (ADD + "ARRAY['s'], ARRAY['c'])").replace("PAYLOAD", '{{"personal": "x"}}')
    assert refused(written, "team-1", call) == "23000"


def test_a_row_shown_to_another_village_is_found(base, postgres):
    from registers_postgres import PostgresBase

    own = PostgresBase(cluster=postgres)
    own.register().append([about("v1"), about("v2"), *notes(2)], actor="a", time=TIME)
    assert own.register().check() == ()
    own.alter("UPDATE event SET village = 'v1' WHERE seq = 2")
    assert [(p.key, p.value) for p in own.register().check()] == [("findings.chain_broken", "2")]


def test_the_last_event_taken_away_is_found_even_without_heads_outside(postgres):
    from registers_postgres import PostgresBase

    own = PostgresBase(cluster=postgres)
    own.register().append(notes(3), actor="a", time=TIME)
    own.alter("DELETE FROM event WHERE seq = 3")
    assert [(p.key, p.value) for p in own.register().check()] == [("findings.head_lost", "3")]


def test_nobody_removes_or_truncates_while_the_guards_are_there(base):
    base.register().append(people(1), actor="a", time=TIME)
    for statement in ("TRUNCATE event", "TRUNCATE vault", "DELETE FROM head", "TRUNCATE head"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            base.run(statement)


def test_two_campaigns_in_one_database_know_nothing_of_each_other(postgres):
    from registers_postgres import PASSWORD, PostgresBase

    from sampling.findings.postgres_accounts import create_team_account

    first, second = PostgresBase(cluster=postgres), PostgresBase(cluster=postgres)
    create_team_account(first.admin, "shared", ["v1"], PASSWORD)
    first.register().append([about("v1")], actor="a", time=TIME)
    assert first.register().head().seq == 1 and second.register().head().seq == 0
    for register in (
        Register(postgres.address("shared", schema=second.schema)),
        Register(postgres.address(first.office, schema=second.schema)),
    ):
        with pytest.raises(InputError) as error:
            register.events()
        assert error.value.problems[0].key == "register.not_allowed"


def test_an_account_gets_other_villages_and_another_password(base):
    from registers_postgres import PASSWORD

    from sampling.findings.postgres_accounts import create_team_account

    create_team_account(base.admin, "moved", ["m1"], "old-one")
    create_team_account(base.admin, "moved", ["m2"], PASSWORD)
    with pytest.raises(InputError):
        team(base, "moved").append([about("m1")], actor="a", time=TIME)
    team(base, "moved").append([about("m2")], actor="a", time=TIME)
    with pytest.raises(InputError) as error:
        Register(base.cluster.address("moved", "old-one", schema=base.schema)).head()
    assert error.value.problems[0].key == "register.no_connection" and "old-one" not in str(error.value)


def test_an_account_that_may_do_more_never_becomes_a_team_s(base):
    from sampling.findings.postgres_accounts import create_office_account, create_team_account

    roles = [f"postgres.{base.schema}.{kind}" for kind in ("owner", "office")]
    for name in ("postgres", base.office, *roles):
        with pytest.raises(ValueError, match="may do no more than this"):
            create_team_account(base.admin, name, [], "x")
    for name in ("postgres", *roles):
        with pytest.raises(ValueError, match="may do no more than this"):
            create_office_account(base.admin, name, "x")


def test_a_name_that_would_break_a_statement_is_only_a_name(base):
    from registers_postgres import PASSWORD

    from sampling.findings.postgres_accounts import create_team_account

    name = "o'Brien\"; DROP TABLE event; -- %s :x {schema}"
    create_team_account(base.admin, name, ["v'; --", "v%s:x"], PASSWORD)
    own = team(base, name)
    own.append([about("v'; --"), about("v%s:x")], actor="a", time=TIME)
    assert [entry.actor for entry in own.events()] == [name] * 2 and base.register().check() == ()


def test_a_database_without_a_register_and_one_that_is_not_there_are_told_in_words(postgres):
    for address, key in {
        postgres.address(schema="nothing_here"): "register.not_prepared",
        postgres.address("nobody"): "register.no_connection",
        "postgresql+psycopg://a:secret@/x?host=/nowhere": "register.no_connection",
    }.items():
        for use in (
            Register(address).head,
            lambda a=address: Register(a).append(notes(1), actor="a", time=TIME),
        ):
            with pytest.raises(InputError) as error:
                use()
            (problem,) = error.value.problems
            assert problem.key == key and "secret" not in problem.to_line("en") + problem.to_line("zh")


def test_a_machine_that_falls_asleep_does_not_keep_the_head_for_ever(base):
    with base.register().writing() as writer:
        limit = writer._connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar()
    assert limit == "5min"


@pytest.mark.parametrize("name", ["", "名" * 22])
def test_an_account_s_name_is_not_one_that_the_database_cuts_off(base, name):
    from sampling.findings.postgres_accounts import create_team_account

    with pytest.raises(ValueError, match="account must have a name"):
        create_team_account(base.admin, name, [], "x")


def test_a_password_is_never_shown(base):
    assert "only for a test" not in repr(base.register()) and base.schema in repr(base.register())


@pytest.mark.parametrize("schema", ["A", "a b", "x;", "ü", "x" * 32, "1a"])
def test_a_schema_has_a_plain_name(schema):
    with pytest.raises(InputError) as error:
        Register(f"postgresql+psycopg://a@/b?schema={schema}")
    assert error.value.problems[0].key == "register.bad_address"


@pytest.mark.parametrize(
    "address", ["", "secret", "mysql://a:secret@b/c", "sqlite://", "postgresql:/a:secret", "http://secret/"]
)
def test_an_address_of_something_else_is_refused_and_not_repeated(address):
    with pytest.raises(InputError) as error:
        Register(address)
    (problem,) = error.value.problems
    assert problem.key == "register.bad_address" and "secret" not in problem.to_line("en")


def test_the_driver_need_not_be_named(base):
    assert Register(base.address.replace("+psycopg", "")).head() == base.register().head()


def test_preparing_again_changes_nothing(base):
    from sampling.findings.postgres_accounts import prepare_postgres

    base.register().append(notes(1), actor="a", time=TIME)
    head = base.register().head()
    prepare_postgres(base.admin)
    assert base.register().head() == head


def test_every_function_that_runs_as_the_owner_has_a_fixed_search_path_and_the_owner_cannot_log_in(base):
    with base.cluster.connect() as connection:
        functions = connection.execute(
            "SELECT proname, prosecdef, proconfig FROM pg_proc WHERE pronamespace = %s::regnamespace",
            [base.schema],
        ).fetchall()
        logs_in = connection.execute(
            "SELECT rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s",
            [f"postgres.{base.schema}.owner"],
        ).fetchone()
        secured = connection.execute(
            "SELECT relname, relrowsecurity AND relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class"
            " WHERE relnamespace = %s::regnamespace AND relkind = 'r'",
            [base.schema],
        ).fetchall()
    assert all(settings and settings[0].startswith("search_path=") for _, _, settings in functions)
    assert {name for name, definer, _ in functions if definer} == {"take_head", "add_events", "erase_records"}
    assert logs_in == (False, False, False)
    assert {(name, safe) for name, safe, _ in secured} == {
        (name, True) for name in ("event", "head", "vault", "team_village")
    }
    assert {owner for _, _, owner in secured} == {f"postgres.{base.schema}.owner"}


def test_a_team_may_call_two_functions_and_no_other(base):
    with base.cluster.connect() as connection:
        callable_ = connection.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = %s::regnamespace"
            " AND has_function_privilege('team-1', oid, 'EXECUTE')",
            [base.schema],
        ).fetchall()
    assert {name for (name,) in callable_} == {"take_head", "add_events"}
