"""Signatures of approvals by OpenSSH keys: made with ``ssh-keygen``, checked against a file of allowed signers."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lockgate.errors import ConfigError, RefusedError
from lockgate.gate.approvals.records import Verify
from lockgate.model.approval import ApprovalRecord, signed_part
from lockgate.outside.shell import build_environment, run_argv

NAMESPACE = "lockgate-approval"
_GOOD_TAG = re.compile(r'^Good "git" signature for (\S+) with ', re.MULTILINE)
_LIMIT_S = 30.0


def sign_record(record: ApprovalRecord, key: Path) -> str:
    """Return the armoured signature of a record; asks for the key's passphrase on the terminal where it has one.

    Raises:
        ConfigError: It cannot be signed.
    """
    allow = ("SSH_AUTH_SOCK", "SSH_ASKPASS", "DISPLAY")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "record"
        file.write_bytes(signed_part(record))
        argv = ["ssh-keygen", "-Y", "sign", "-f", str(key.expanduser()), "-n", NAMESPACE, str(file)]
        done = _run(argv, env=build_environment(os.environ, allow))
        if done.returncode:
            raise ConfigError(
                "the approval cannot be signed",
                where=str(key),
                cause=done.stderr.decode(errors="replace").strip()[:300],
                state="nothing was recorded",
            )
        return file.with_suffix(".sig").read_text(encoding="ascii")


def verify_signature(record: ApprovalRecord, allowed_signers: Path) -> str:
    """Return the principal whose key signed exactly this record.

    Raises:
        RefusedError: The signature is not of this record, or of no allowed signer.
    """
    with tempfile.TemporaryDirectory() as folder:
        signature = Path(folder) / "signature"
        signature.write_text(record.signature, encoding="utf-8")
        common = ["-n", NAMESPACE, "-f", str(allowed_signers), "-s", str(signature)]
        found = _run(["ssh-keygen", "-Y", "find-principals", *common], env=build_environment(os.environ))
        for principal in found.stdout.decode(errors="replace").split() if found.returncode == 0 else ():
            argv = ["ssh-keygen", "-Y", "verify", "-I", principal, *common]
            if _run(argv, env=build_environment(os.environ), data=signed_part(record)).returncode == 0:
                return principal
    raise RefusedError(
        "the signature of an approval does not hold",
        where=f"by {record.by} at {record.at}",
        cause=f"it is not of this content, or of nobody in {allowed_signers}",
        state="nothing is approved by it",
    )


def verify_tag(tag: str, digest: str, folder: Path, allowed_signers: Path) -> tuple[str, str]:
    """Return the principal who signed a git tag, and its message, which must name the digest.

    Raises:
        RefusedError: The tag is not signed by an allowed signer, or is about something else.
    """
    settings = ("-c", f"gpg.ssh.allowedSignersFile={allowed_signers.resolve()}", "-c", "gpg.format=ssh")
    environment = {**build_environment(os.environ), "LC_ALL": "C"}
    name = f"refs/tags/{tag}"
    checked = run_argv(
        ("git", *settings, "verify-tag", name), folder=folder, environment=environment, timeout_s=_LIMIT_S
    )
    found = _GOOD_TAG.search(checked.output) if checked.code == 0 else None
    cause = "" if found else checked.output.strip()[:300] or checked.error or "it is not signed"
    text = ""
    if found:
        shown = run_argv(
            ("git", "tag", "-l", "--format=%(contents)", tag),
            folder=folder,
            environment=environment,
            timeout_s=_LIMIT_S,
        )
        text = shown.output
        if not re.search(rf"\b{re.escape(digest)}\b", text):
            cause = f"its message does not name the digest {digest}"
    if cause or found is None:
        raise RefusedError(
            f"the tag {tag} approves nothing", where=str(folder), cause=cause, state="nothing was recorded"
        )
    return found[1], text


def make_verify(allowed_signers: Path | None, folder: Path) -> Verify:
    """Return what checks the signature of a record each time it is read; a record without one has none."""

    def verify(record: ApprovalRecord) -> str:
        if allowed_signers is None:
            return ""
        if record.signature:
            return verify_signature(record, allowed_signers)
        if record.tag:
            return verify_tag(record.tag, record.digest, folder, allowed_signers)[0]
        return ""

    return verify


def _run(argv: Sequence[str], *, env: dict[str, str], data: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(argv, input=data, env=env, capture_output=True, timeout=_LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(list(argv), 255, b"", str(error).encode())
