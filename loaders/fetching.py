"""The seam to the network: a client in, payloads out."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import httpx

from loaders.errors import UpstreamBroken
from loaders.payload import Payload
from loaders.registry import Source


def fetch(
    client: httpx.Client, chosen: Sequence[Source], *, now: datetime
) -> Iterator[Payload]:
    """Ask each source once and yield what it answers, unread. Raises UpstreamBroken."""
    for source in chosen:
        try:
            response = client.get(source.url)
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise UpstreamBroken(
                source.source_key, f"{source.url} did not answer: {error}. Try again later."
            ) from error
        yield Payload(
            source_key=source.source_key,
            url=source.url,
            origin=source.url,
            fetched_at=now,
            status="verified",
            body=response.content,
        )
