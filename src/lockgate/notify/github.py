"""Comments on a GitHub issue or pull request: ``github://OWNER/REPO/NUMBER?token=…``."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import msgspec

from lockgate.notify.message import Message
from lockgate.outside.http import send_request

_API = "https://api.github.com"


def post_comment(url: str, message: Message, *, timeout_s: float) -> tuple[bool, str, bool]:
    """Write one comment; return whether it was taken, what was said instead, and whether to try again.

    ``api=`` in the address is another server's.
    """
    parts = urlsplit(url)
    options = parse_qs(parts.query)
    repository, _, number = f"{parts.netloc}{parts.path}".strip("/").rpartition("/")
    token = (options.get("token") or [""])[0]
    if repository.count("/") != 1 or not number.isdigit() or not token:
        return False, "the address is not github://OWNER/REPO/NUMBER?token=…", False
    answer = send_request(
        f"{(options.get('api') or [_API])[0].rstrip('/')}/repos/{repository}/issues/{number}/comments",
        method="POST",
        body=msgspec.json.encode({"body": f"**{message.title}**\n\n{message.text}\n"}),
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
        },
        timeout_s=timeout_s,
    )
    if answer.status == 201:
        return True, "", False
    is_worth_it = answer.status in (0, 429) or answer.status >= 500
    return False, answer.error or f"it answered {answer.status}", is_worth_it
