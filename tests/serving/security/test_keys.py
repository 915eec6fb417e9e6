"""API keys: entries, files of them, and their mistakes."""

import hashlib
import time
from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.serving.security import keys
from tests.commands import refused
from tests.prometheus import wait_until
from tests.serving.conftest import Guarded
from tests.serving.processes import LOAN


def test_a_key_in_the_file_is_replaced_without_a_new_start(guarded: Guarded) -> None:
    secret, entry = keys.new_key("rotated", "predict")
    assert guarded.ask("POST", "/predict", "rotated", json=LOAN).status_code == 200
    former = guarded.file.read_text()
    guarded.file.write_text(entry)
    headers = {"X-API-Key": secret}
    client = guarded.running.client
    wait_until(lambda: client.post("/predict", json=LOAN, headers=headers).status_code == 200)
    assert guarded.ask("POST", "/predict", "rotated", json=LOAN).status_code == 401
    guarded.file.write_text("nonsense")
    time.sleep(1.2)
    assert client.post("/predict", json=LOAN, headers=headers).status_code == 200
    guarded.file.write_text(former)
    wait_until(lambda: guarded.ask("POST", "/predict", "rotated", json=LOAN).status_code == 200)


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ("bank:predict", "entry 1 of MILLRACE_API_KEYS has 2 parts"),
        (f"bank:boss:{'a' * 64}", "its role is none of predict, outcomes, admin"),
        ("bank:predict:topsecret", "not the 64 hex digits"),
        (f"a b:predict:{'a' * 64}", "a name is"),
        (f"a:predict:{'a' * 64},b:admin:{'A' * 64}", "named a and b are the same"),
        (f"a:predict:{'a' * 64},\n,b:outcomes:topsecret", "entry 2 of MILLRACE_API_KEYS"),
    ],
)
def test_mistaken_entries_are_refused_by_their_number_and_none_is_shown(
    entries: str, told: str
) -> None:
    with pytest.raises(Refusal, match=told) as refusal:
        keys.Keys(keys.parse_keys(entries, "MILLRACE_API_KEYS"))
    assert "topsecret" not in str(refusal.value)


def test_a_server_with_a_mistaken_entry_does_not_start(bundle: Bundle, tmp_path: Path) -> None:
    words = ("serve", "--bundle", str(bundle.path), "--port", "0")
    assert "entry 1 of MILLRACE_API_KEYS" in refused(tmp_path, *words, MILLRACE_API_KEYS="a:b")
    said = refused(tmp_path, *words, MILLRACE_API_KEYS_FILE="nowhere")
    assert "nowhere cannot be read: No such file" in said
    for empty in ("", " \n", ",", "# nobody"):
        said = refused(tmp_path, *words, MILLRACE_API_KEYS=empty)
        assert "MILLRACE_API_KEYS is set and empty: give it what `" in said
        assert "millrace key` prints, or unset it" in said
    assert "KEYS_FILE is set and empty" in refused(tmp_path, *words, MILLRACE_API_KEYS_FILE="")


def test_a_new_key_goes_with_its_entry() -> None:
    secret, entry = keys.new_key("bank", "predict")
    found = keys.Keys(keys.parse_keys(entry, "here")).matching(secret.encode())
    assert found
    assert (found.name, found.role) == ("bank", "predict")
    assert entry.endswith(hashlib.sha256(secret.encode()).hexdigest())
    with pytest.raises(Refusal, match="a name is"):
        keys.new_key("a b", "predict")
