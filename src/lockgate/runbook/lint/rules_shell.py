"""Rules on commands: what hides a failure, cannot fail, or is run by the wrong program."""

from __future__ import annotations

from lockgate.runbook.lint.make_rule import CRITICAL, WARNING, runbook_rule

MASKED_EXIT = runbook_rule(
    "masked-exit", CRITICAL, "The command's failure is hidden",
    "A pipe into `tee`, `|| true`, `; echo done`, `set +e` or `&` gives another exit code than the command's own.",
    "The step is green whatever happened: nothing after it can be trusted.",
    "`set -o pipefail` before the pipe; leave out what swallows the code; where a failure is expected, say which code"
    " is right with an `exit` check.",
    "write `set -o pipefail` before the pipe, and leave out what swallows the exit code",
)  # fmt: skip
CURL = runbook_rule(
    "curl-ignores-http-status", CRITICAL, "curl says all is well for an error page",
    "Without `--fail` curl ends with 0 for any answer, 500 included.",
    "The health check passes while the service is down.",
    "A check `{http: URL, status: 200, of: \"3/3\"}`, which also has a time limit; in a shell `curl"
    " -fsS --max-time 5`.",
    "replace it by the check `{http: URL, status: 200, of: \"3/3\"}`",
)  # fmt: skip
CANNOT_FAIL = runbook_rule(
    "check-cannot-fail", WARNING, "The check shows something, and cannot fail",
    "`cat`, `ls`, `grep -r`, `echo`, `wc`, `git status` end with 0 whatever stands in what they show.",
    "Nobody looks twice at a step that was green: a finding in the output passes the gate.",
    "A typed check that decides: `{output: …, without: …}`, `{file: …, has: …}`, `{sql: …, expect: 0}`,"
    " `{git: clean}`, `{session: no-conflict}`; in a shell `grep -q`, `test`, `git diff --exit-code`;"
    " else a `manual` check with the"
    " roles that answer for it.",
    "add a check that decides, e.g. `{output: …, without: …}`, `{file: …, has: …}` or `{sql: …, expect: 0}`",
)  # fmt: skip
INTERPRETER = runbook_rule(
    "interpreter-mismatch", CRITICAL, "The file is not in the language of what runs it",
    "A program for one language is given a file of another (`tsx report.py`).",
    "The step fails when it is run for the first time, in the middle of the procedure.",
    "The program that belongs to the file's suffix, tried once with `--help` or `--dry-run` beforehand.",
    "run it with the program its suffix names",
)  # fmt: skip
FORCE_PUSH = runbook_rule(
    "force-push", CRITICAL, "A push that overwrites the others' history",
    "`git push --force` (also `-f`, `--force-with-lease`, `+branch`) replaces a shared branch.",
    "Commits of others are lost in the moment nobody has time to look for them. Lockgate refuses to run it.",
    "A new commit that takes the old ones back: `git revert --no-edit FIRST^..LAST`, then an ordinary push;"
    " the level `code` does exactly this.",
    "revert instead: `git revert --no-edit FIRST^..LAST && git push`, or the rollback level `code`",
)  # fmt: skip
PASSWORD_IN_ENV = runbook_rule(
    "password-in-env", WARNING, "A password in the environment of a program",
    "`MYSQL_PWD`, `PGPASSWORD` and their like are seen by every child, and on some systems by other users.",
    "They end up in crash reports and logs. MySQL calls its own variable insecure and deprecated.",
    "An option file with mode 0600 (`--defaults-extra-file`, `PGPASSFILE`, `~/.pgpass`), or a secret variable:"
    " `vars: {db_password: {secret: \"env:DB_PASSWORD\"}}`. Lockgate's own actions need neither.",
    "use an option file of mode 0600 (`--defaults-extra-file=FILE`, `PGPASSFILE`)",
)  # fmt: skip
CROSSES_STEPS = runbook_rule(
    "variable-crosses-steps", CRITICAL, "A shell variable is set in one step and used in another",
    "Every step has a shell of its own, and hours may lie between them.",
    "The variable is empty: `rm -r \"$DIR/\"` or an id that names nothing.",
    "Declare it under `vars` (a value of the run: the same in every step, also after a crash), or let an action hold"
    " it: `session` its id, `checkpoint` and `backup` theirs.",
    "declare it: `vars: {NAME: {default: …}}`",
)  # fmt: skip
NOT_IN_HELP = runbook_rule(
    "command-not-in-help", WARNING, "One program is called in forms that cannot all be right",
    "The same script gets an option here and a bare argument there, or `--x=value` and `--x value`, or an option its"
    " own text does not have; or the step that writes the script promises another form than it is called in.",
    "One of the two fails, and it is often the one in the rollback.",
    "Look at `--help` of the program and use one form everywhere; a task of Lockgate's own vocabulary has only one.",
    "ask the program's `--help`, and write the same form everywhere",
)  # fmt: skip
HARDCODED = runbook_rule(
    "hardcoded-environment", WARNING, "An address or id of one environment stands in a command",
    "A production URL, host or application id is written into a step.",
    "The same plan cannot be rehearsed on staging, and a copy of it hits production.",
    "A variable: `vars: {app_url: {default: \"https://…\"}}` and `${app_url}` in the steps.",
    "declare it under `vars` and use `${name}`",
)  # fmt: skip
CONSTANT_STATE = runbook_rule(
    "restore-constant-state", WARNING, "What was stopped is started with a number fixed in the plan",
    "The state before (how many instances, replicas, workers) is not recorded, a constant is put back.",
    "A service that ran on four instances comes back on one, under the load of an incident.",
    "The level's `state` command records the state before the stop, and `start` gets it back as `${state}`.",
    "record the state before stopping, and put that back: `state:` and `${state}` in the level's hooks",
)  # fmt: skip
SECRET = runbook_rule(
    "secret-in-text", CRITICAL, "A secret stands in the text",
    "A password in a URL, a token, an access key or a private key is written in the plan.",
    "Whoever can read the plan, its copies, the repository's history or a report has it. It must be changed.",
    "`vars: {db_password: {secret: \"env:DB_PASSWORD\"}}` and `${secret:db_password}`; targets are"
    " named in lockgate.toml.",
    "change the secret, and name it instead: `vars: {db_password: {secret: \"env:DB_PASSWORD\"}}`,"
    " `${secret:db_password}`",
)  # fmt: skip

RULES = (
    MASKED_EXIT, CURL, CANNOT_FAIL, INTERPRETER, FORCE_PUSH, PASSWORD_IN_ENV, CROSSES_STEPS, NOT_IN_HELP, HARDCODED,
    CONSTANT_STATE, SECRET,
)  # fmt: skip
