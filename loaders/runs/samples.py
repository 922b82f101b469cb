"""The sample packs and runs that come with the project."""

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Samples:
    """The folder of sample packs and sample runs that come with the project."""

    folder: Path

    def files(self) -> list[Path]:
        """Every document in it, in the order of their names."""
        return sorted(self.folder.rglob("*.json"))

    def mark(self) -> str:
        """What decides whether a sample changed."""
        digest = hashlib.sha256()
        for path in self.files():
            digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()
