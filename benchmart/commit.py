"""Which commit the code is of, where that can be said."""

import subprocess
from pathlib import Path


def code_commit(project: Path) -> str | None:
    """The commit that a checkout is at; None outside of git, or with changes that no commit has."""
    try:
        top, commit, changes = (
            subprocess.run(  # noqa: S603
                ["git", "-C", str(project), *arguments],  # noqa: S607
                capture_output=True,
                text=True,
                check=True,
                timeout=30,
            ).stdout.strip()
            for arguments in (
                ("rev-parse", "--show-toplevel"),
                ("rev-parse", "HEAD"),
                ("status", "--porcelain"),
            )
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return commit if Path(top) == project and not changes else None
