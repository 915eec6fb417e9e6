"""The pages of docs/ with every setting and every command agree with what they list."""

import pytest

from shared.cli import main, reference
from shared.sections.section import Section
from shared.settings import Settings
from tests.conftest import ROOT

STALE = "it is stale: make reference"


class Unexplained(Section):
    """A section with a key that nothing is said of."""

    key: str


def test_the_page_of_settings_is_what_the_model_says() -> None:
    assert (ROOT / reference.SETTINGS).read_text() == reference.settings_page(), STALE


def test_the_page_of_commands_is_what_they_say_of_themselves() -> None:
    assert (ROOT / reference.COMMANDS).read_text() == reference.commands_page(), STALE


def test_each_setting_stands_on_its_page_with_a_default_bounds_and_a_meaning() -> None:
    page = reference.settings_page()
    for line in (
        "| `approvals` | a whole number, at least 1 and at most 10 | `1` | How many different "
        "people approve a bundle before it is served. |",
        "| `name` | text | it is needed | What it is called on the leaderboard. |",
        '| `decimal` | `"."`, `","` | `"."` | The decimal sign of numbers. |',
        "| `webhooks` | a list of texts |  | Addresses that are sent each bundle, decision and "
        "changed verdict, signed. |",
    ):
        assert line in page.splitlines()
    for name, field in Settings.model_fields.items():
        section = reference.section_of(field)
        assert f"[{name}]" in page if section else f"| `{name}` | " in page


def test_a_key_without_a_meaning_is_an_error() -> None:
    with pytest.raises(KeyError):
        list(reference.section_lines("[unexplained]", Unexplained))


def test_each_command_stands_on_its_page() -> None:
    page = reference.commands_page()
    for name in main.commands:
        assert f"## millrace {name}\n" in page
    assert "## millrace log check\n" in page
    assert "| `review` | `--decision` | approve, reject, rollback or comment |" in page
    assert "| check | say in seconds what of a problem would be refused later |" in page
