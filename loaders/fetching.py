"""The seam to the network: a client in, payloads out."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

import httpx

from loaders.errors import UpstreamBroken
from loaders.payload import Payload
from loaders.registry import Source

NO_SECRETS: Mapping[str, str] = MappingProxyType({})


def fetch(
    client: httpx.Client,
    source: Source,
    *,
    now: datetime,
    secrets: Mapping[str, str] = NO_SECRETS,
) -> Iterator[Payload]:
    """Ask one source and yield what it answers, unread; nothing without a key that it requires.

    `secrets` holds keys by the name of their environment variable. Raises UpstreamBroken.
    """
    headers = {}
    if source.secret is not None:
        if key := secrets.get(source.secret.env):
            headers[source.secret.header] = source.secret.prefix + key
        elif source.secret.is_required:
            return
    try:
        response = client.get(source.url, headers=headers)
        response.raise_for_status()
    except httpx.HTTPStatusError as error:
        raise _broken(source, f"answered with status {error.response.status_code}") from error
    except httpx.HTTPError as error:
        raise _broken(source, f"did not answer ({type(error).__name__}: {error})") from error
    yield Payload(
        source_key=source.source_key,
        url=source.url,
        origin=source.url,
        fetched_at=now,
        status="verified",
        body=response.content,
    )


def _broken(source: Source, reason: str) -> UpstreamBroken:
    return UpstreamBroken(source.source_key, f"{source.url} {reason}. Try again later.")
