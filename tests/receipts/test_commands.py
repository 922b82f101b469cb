"""The commands, and that a receipt is checked anywhere, offline and without dbt."""

import json
import subprocess
import sys

import pytest

from tests.receipts.conftest import key_row, pem_of

ALONE = """
import socket, sys

def refused(*arguments, **options):
    raise AssertionError("the network was asked")

socket.socket.connect = socket.getaddrinfo = refused
from benchmart.__main__ import main
try:
    main()
except SystemExit as stop:
    assert not [name for name in sys.modules if name.split(".")[0] == "dbt"], "dbt was imported"
    raise
"""


def alone(tmp_path, *arguments):
    """The command outside of any checkout, without network and dbt."""
    return subprocess.run(
        [sys.executable, "-c", ALONE, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def checkout(published, module_folder):
    import shutil

    root = module_folder("signing") / "benchmart"
    shutil.copytree(published.root, root)
    return type(published)(root)


def test_a_board_goes_into_a_signed_snapshot_that_verifies_elsewhere(checkout, key, tmp_path):
    key_file, listed = tmp_path / "key.pem", checkout.root / "keys" / "receipt_keys.json"
    key_file.write_bytes(pem_of(key))
    signing = ("snapshot", "--signing-key-file", str(key_file))
    refused = checkout.benchmart(*signing)
    assert refused.returncode == 1
    assert "is not among the trusted keys. Nothing was written" in refused.stderr
    assert not (checkout.root / "snapshots").exists()
    listed.parent.mkdir()
    listed.write_text(json.dumps([key_row(key)]), "utf-8")
    done = checkout.benchmart(*signing)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.endswith("is in snapshots/2026-06-12")
    assert second == f"  45 marts, 34,845 rows, signed by key {key_row(key)['key_id']}"
    again = checkout.benchmart("snapshot")
    assert "was there already and stays as it is" in again.stdout

    told = checkout.benchmart("receipt")
    assert told.returncode == 0, told.stderr
    for words in ("Signed by key", "The first of its chain", "scoreboard", "18 sources gave"):
        assert words in told.stdout
    proof = tmp_path / "proof.json"
    row = ("--mart", "fct_metric_scores", "--key", "anthropic/claude-opus-4.8,GSO")
    assert checkout.benchmart("receipt", *row).returncode == 2
    for code in (0, 1):
        made = checkout.benchmart("receipt", *row, "--to", str(proof))
        assert made.returncode == code, made.stderr
    folder = (checkout.root / "snapshots" / "2026-06-12").rename(tmp_path / "fetched")
    for path in (folder, folder / "receipt.json", proof):
        for more in ((), ("--keys", str(listed))):
            done = alone(tmp_path, "verify-receipt", str(path), *more)
            assert done.returncode == 0, done.stderr
            assert done.stdout.startswith("Verified\n")
            assert ("itself names" in done.stdout) == (not more)

    with (folder / "scoreboard.csv").open("ab") as file:
        file.write(b"x")
    done = alone(tmp_path, "verify-receipt", str(folder))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "benchmart: scoreboard.csv: is not the file that SHA256SUMS names; "
        "one of them was changed\n"
    )


@pytest.mark.parametrize("path", ["nowhere", ".", "/dev/null", "text"])
def test_what_is_no_receipt_is_one_line(tmp_path, path):
    (tmp_path / "text").write_text("hello")
    done = alone(tmp_path, "verify-receipt", path)
    assert done.returncode == 1
    assert done.stderr.startswith("benchmart: ")
    assert len(done.stderr.splitlines()) == 1


def test_there_is_no_receipt_before_there_is_a_snapshot(published):
    told = published.benchmart("receipt")
    assert told.returncode == 1
    assert "there is no receipt. Write one with `benchmart snapshot`." in told.stderr
