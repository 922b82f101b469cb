"""Runs the command against the loopback upstreams, without the waits that are meant for guests."""

import subprocess
import sys
from dataclasses import dataclass

from tests.conftest import Checkout
from tests.faults.server import UpstreamServer

KEYS = {
    "AA_API_KEY": "planted-key-of-artificial-analysis",
    "OPENROUTER_API_KEY": "planted-key-of-openrouter",
    "HF_TOKEN": "planted-key-of-hugging-face",
}
IMPATIENT = """
import sys, time
time.sleep = lambda seconds: None
sys.argv = ["benchmart", *sys.argv[1:]]
from benchmart.__main__ import main
try:
    main()
finally:
    print("imported:", *sorted({"dbt", "httpx"} & set(sys.modules)), file=sys.stderr)
"""


@dataclass(frozen=True)
class Live:
    """A checkout with a way to the loopback upstreams and keys beside it."""

    checkout: Checkout
    server: UpstreamServer

    def run(
        self, *arguments: str, keys: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the command; the upstreams forget what they were asked before."""
        self.server.forget()
        return subprocess.run(
            self.command(*arguments),
            cwd=self.checkout.root,
            env=self.environment(keys),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-c", IMPATIENT, *arguments]

    def environment(self, keys: dict[str, str] | None = None) -> dict[str, str]:
        given = KEYS if keys is None else keys
        return self.checkout.environment({**self.server.environment, **given})

    def statuses(self) -> dict[str, str]:
        """What the published board says of each source that is fetched."""
        rows = self.checkout.query(
            "select source_key, status from marts.dim_sources where source_key <> 'overrides'"
        )
        return dict(rows)

    def scores(self) -> list[tuple]:
        """Every score of the published board."""
        return self.checkout.query(
            "select model_id, role_key, score, role_rank from marts.fct_role_scores order by all"
        ) + self.checkout.query(
            "select model_id, metric_key, score, payload_sha256 from marts.fct_metric_scores"
            " order by all"
        )
