"""Rules on the plan as a whole: status, levels, triggers, people, references, values that cannot be read."""

from __future__ import annotations

from lockgate.runbook.lint.make_rule import CRITICAL, WARNING, runbook_rule

ENCODING = runbook_rule(
    "encoding-repaired", WARNING, "Lines were encoded twice",
    "UTF-8 was read as Windows-1252 and saved again: `âœ…` for ✅. Lockgate reads what was meant, and"
    " says which lines.",
    "Marks that carry meaning (stop, risk, done) cannot be told apart by people or programs.",
    "`lockgate runbook import PLAN -o runbook.yaml` writes the repaired text; save the Markdown itself as UTF-8.",
    "save the file as UTF-8; `lockgate runbook import` writes the repaired text",
)  # fmt: skip
STATUS = runbook_rule(
    "status-conflict", CRITICAL, "A status typed by hand that is not so",
    "The text says approved or ready, and approvals are missing; or it says two different things.",
    "Whoever reads the first line starts. The status is computed from what is recorded, never from words.",
    "Leave the status out; `lockgate runbook show` tells it.",
    "leave the typed status out: `lockgate runbook show` computes it",
)  # fmt: skip
FACTS = runbook_rule(
    "document-facts-differ", CRITICAL, "One fact is written twice, differently",
    "Version, date or author in one place are not those in another.",
    "Nobody knows which of two texts was approved.",
    "Write each once; front matter wins over other lines.",
    "write it once",
)  # fmt: skip
CLAIMED = runbook_rule(
    "claimed-approval", CRITICAL, "An approval ticked by nobody",
    "The box is ticked in the text: no name, no time, no digest of what was approved.",
    "Anybody who can edit the file can approve, and an edit afterwards changes what was approved.",
    "An empty box with roles (`approvals: {items: [{text: …, roles: [dba]}]}`); `lockgate runbook"
    " approve` records who,"
    " when and which digest.",
    "untick it; `lockgate runbook approve` records who approves which digest",
)  # fmt: skip
QUORUM = runbook_rule(
    "approval-unreachable", CRITICAL, "These approvals can never be had",
    "The quorum is larger than the number of people in lockgate.toml who may approve, or an item asks for a role nobody"
    " has.",
    "The run waits for ever, or somebody turns approvals off.",
    "Roles that real people have, and a quorum they can reach.",
    "name the roles, and a quorum they can reach",
)  # fmt: skip
CONTACT = runbook_rule(
    "contact-without-channel", WARNING, "A contact nobody can be reached by",
    "There is a name and no channel: no notify group, address, number or room.",
    "In an emergency the first ten minutes go into finding somebody.",
    "`contacts: [{name: on-call, notify: CHANNEL}]` with a channel of `[notify]`; `lockgate notify test` proves it.",
    "give it `notify: CHANNEL` of `[notify]` in lockgate.toml",
)  # fmt: skip
TRIGGER = runbook_rule(
    "trigger-underspecified", WARNING, "A trigger without source, window or sample",
    "“Error rate > 1%” does not say of what, over how long, of how many requests, or where it is read.",
    "A healthy service with few requests crosses such a line by chance: with 50 requests a window and"
    " 0.2 % errors, in"
    " 86 of 100 runs.",
    "A monitor with a rule: `monitors: [{name: errors, source: prometheus, bad: …, total: …, rule:"
    " {kind: rate, limit:"
    " 0.01}}]`, and `triggers: [{text: …, monitor: errors}]`.",
    "bind it to a monitor with a source and a rule",
)  # fmt: skip
MONITOR = runbook_rule(
    "monitor-incomplete", CRITICAL, "A monitor that cannot decide",
    "It has no rule, an unknown source or kind, no query, or a rate without `bad` and `total`.",
    "The run does not start with a monitor that gives no value; better to know it now.",
    "See the reference of runbooks for sources and rules; `lockgate monitor test` proves each.",
    "complete it; `lockgate monitor test` proves it",
)  # fmt: skip
LEVEL_HIGH = runbook_rule(
    "rollback-level-too-high", CRITICAL, "A small failure would take too much back",
    "A failing lint, test or document leads to a restore of the database.",
    "Rows written in between are lost for a matter of style. The engine caps the level by the class of what failed.",
    "`code` for code, `schema` (lossless) for schema and service, `data` only where rows are wrong.",
    "take the lowest level that is enough",
)  # fmt: skip
NO_LEVEL = runbook_rule(
    "phase-rollback-without-level", CRITICAL, "The phase's rollback is not described anywhere",
    "Its words name a kind of rollback, and the plan has no such level, backup or restore.",
    "The words are all there is when it is needed.",
    "`levels: [{level: data, stop: …, start: …}]` and a `backup` task before, or another `rollback`.",
    "describe the level under `levels`, or correct the phase's rollback",
)  # fmt: skip
RENUMBERED = runbook_rule(
    "level-renumbered", CRITICAL, "The levels have other numbers in another document",
    "“Level 2” is the schema here and a restore there.",
    "In an incident somebody says a number on the phone, and the database is restored.",
    "Names instead of numbers: `code`, `schema`, `data`, each with its impact.",
    "call the levels by name: code, schema, data",
)  # fmt: skip
PHASE_RISK = runbook_rule(
    "phase-risk-too-low", CRITICAL, "A phase is less risky than its steps",
    "The risk written for the phase is below that of one of its steps, or of what its statements do.",
    "Windows, approvals and monitors are chosen by the phase's risk. The run uses the higher one.",
    "The phase's risk is that of its riskiest step.",
    "raise the phase's risk, or move the step",
)  # fmt: skip
UNPROTECTED = runbook_rule(
    "high-risk-unprotected", WARNING, "A risky phase changes the target with nothing to go back to",
    "No task before its first change takes a backup, a checkpoint or a rehearsal.",
    "What the change does is seen for the first time in production, and nothing is at hand to take it back.",
    "`{backup: {verify: restore}}` and `{rehearse: plan.json}` in a phase before, `{checkpoint: NAME}` right before.",
    "add a backup, a rehearsal or a checkpoint before it",
)  # fmt: skip
GATE_EMPTY = runbook_rule(
    "gate-without-checks", CRITICAL, "A gate that checks nothing",
    "The gate has no checks, or a risky phase has no gate.",
    "A gate without checks is unknown and never opens; a phase without one goes on whatever happened.",
    "`gate: {id: …, checks: [{schema: expected}, …]}`.",
    "give it checks",
)  # fmt: skip
REFERENCE = runbook_rule(
    "unknown-reference", CRITICAL, "Something is named that is not there",
    "A checkpoint nobody takes, a task, phase, monitor, baseline, stage or role that does not exist.",
    "It fails when it is needed: mostly in a rollback.",
    "Correct the name, or add what it names.",
    "correct the name, or add what it names",
)  # fmt: skip
DUPLICATE = runbook_rule(
    "duplicate-id", CRITICAL, "Two things have one id",
    "Evidence, decisions and ways back are kept by id.",
    "What is recorded of one is taken for the other.",
    "An id of its own for each.",
    "give one of them another id",
)  # fmt: skip
UNREADABLE = runbook_rule(
    "value-unreadable", CRITICAL, "A value that cannot be read",
    "A duration, pattern, time zone, time of day, date or count is not written as one.",
    "The run ends there, at the latest when the value is needed.",
    "Durations `90s`, `10m`, `4h`, `2d`; tries `3/3`; times `09:00`; zones `Europe/Berlin`; dates `2031-02-28`.",
    "correct it",
)  # fmt: skip
WINDOW = runbook_rule(
    "window-never-opens", CRITICAL, "The run can never start",
    "The window has no days or no length, or a freeze ends before it begins.",
    "The run waits for ever.",
    "`window: {days: [tue, wed], from: \"09:00\", to: \"15:00\", tz: Europe/Berlin}`.",
    "correct the window",
)  # fmt: skip
UNDECLARED = runbook_rule(
    "variable-undeclared", CRITICAL, "A variable that nobody declares",
    "`${name}` is used, and `vars` has no such name.",
    "The run does not start, or a command gets nothing in its place.",
    "`vars: {name: {default: …}}`, or `{secret: \"env:NAME\"}`.",
    "declare it under `vars`",
)  # fmt: skip
OBJECTIVE = runbook_rule(
    "objective-untraced", WARNING, "An objective that nothing works for",
    "No step and no check of the phase has to do with it.",
    "The report can only call it not evidenced.",
    "A task or check for it (`objectives: [\"…\"]` at the task), or leave it out.",
    "name it at a task: `objectives: [\"…\"]`",
)  # fmt: skip
RISK_ROW = runbook_rule(
    "risk-row-unlinked", WARNING, "A row of the risk matrix belongs to no phase",
    "Its words are found in no phase and no step.",
    "The risk was thought of, and nothing is done about it.",
    "`links: [\"3\"]` at the row, or a step.",
    "link it: `links: [PHASE]`",
)  # fmt: skip

RULES = (
    ENCODING, STATUS, FACTS, CLAIMED, QUORUM, CONTACT, TRIGGER, MONITOR, LEVEL_HIGH, NO_LEVEL, RENUMBERED, PHASE_RISK,
    UNPROTECTED, GATE_EMPTY, REFERENCE, DUPLICATE, UNREADABLE, WINDOW, UNDECLARED, OBJECTIVE, RISK_ROW,
)  # fmt: skip
