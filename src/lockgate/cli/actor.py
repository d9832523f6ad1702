"""Who runs this command: a person, a pipeline or a coding agent, by the environment."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from lockgate.cli.approval import current_actor
from lockgate.cli.confirm import detect_agent
from lockgate.model.procedure import Actor

_PROGRAMS = {
    "CLAUDECODE": "claude-code",
    "CLAUDE_CODE": "claude-code",
    "CURSOR_AGENT": "cursor",
    "GEMINI_CLI": "gemini-cli",
    "CODEX_SANDBOX": "codex",
    "CODEX_CI": "codex",
    "OPENCODE": "opencode",
    "CLINE_ACTIVE": "cline",
    "AUGMENT_AGENT": "augment",
    "GOOSE_TERMINAL": "goose",
    "AMP_CURRENT_THREAD_ID": "amp",
    "COPILOT_AGENT": "copilot",
}
CI_PROGRAMS = {
    "GITHUB_ACTIONS": "github-actions",
    "GITLAB_CI": "gitlab-ci",
    "JENKINS_URL": "jenkins",
    "BUILDKITE": "buildkite",
    "CIRCLECI": "circleci",
    "TF_BUILD": "azure-pipelines",
    "CI": "ci",
}


def find_actor(environ: Mapping[str, str], *, program: str = "") -> Actor:
    """Return who acts; an agent acts on behalf of the user whose shell it drives.

    Args:
        program: What is said instead of what the environment tells, such as the agent and its model.
    """
    name, host = current_actor(), socket.gethostname()
    variable = detect_agent(environ)
    if variable:
        told = environ[variable] if variable in ("AI_AGENT", "LOCKGATE_AGENT") else ""
        found = _PROGRAMS.get(variable) or (told if told.lower() not in ("1", "true", "yes") else "") or "agent"
        return Actor(name=name, kind="agent", program=program or found, behalf=name, host=host)
    pipeline = next(
        (CI_PROGRAMS[key] for key in CI_PROGRAMS if environ.get(key, "").lower() not in ("", "0", "false")), ""
    )
    if pipeline:
        return Actor(name=name, kind="ci", program=program or pipeline, host=host)
    return Actor(name=name, program=program, host=host)
