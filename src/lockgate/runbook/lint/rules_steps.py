"""Rules on steps: their ways back, their checks, their order, and whether they do what they say."""

from __future__ import annotations

from lockgate.runbook.lint.make_rule import CRITICAL, INFO, WARNING, runbook_rule

REVERT_NOOP = runbook_rule(
    "revert-noop", CRITICAL, "The way back undoes nothing",
    "`git checkout DIR/` leaves every new file where it is and knows nothing of what was committed; `true` and `echo`"
    " do nothing at all.",
    "The step counts as reverted, and its files are still there and still run.",
    "For files that were committed: `{git: {do: revert, commits: …}}` (the level `code`). For new"
    " files that were not:"
    " `git clean -n DIR/` to see them, then `git clean -f DIR/` after `git checkout -- DIR/`.",
    "revert the step's commit (`{git: {do: revert}}`), or remove the new files by name",
)  # fmt: skip
REVERT_INCOMPLETE = runbook_rule(
    "revert-incomplete", CRITICAL, "The way back does not say what it goes back to",
    "A restore without a backup, a rollback without a checkpoint, `DROP INDEX` without a name.",
    "In the moment it is needed somebody guesses, and the newest file is not always the right one.",
    "Name it: `{rollback: CHECKPOINT}` with a checkpoint that a task before takes, `{rollback: \"before:TASK\"}`,"
    " `{restore: BACKUP}`, `DROP INDEX name ON table`; `{index: …}` drops by itself exactly what it made.",
    "name the backup, checkpoint or index it goes back to",
)  # fmt: skip
NO_REVERT = runbook_rule(
    "task-without-revert", CRITICAL, "A change without a way back",
    "The task changes the database or a service, and has neither `revert` nor a reason why there is none.",
    "When something after it fails, there is nothing to do but improvise.",
    "`revert: {rollback: \"before:TASK\"}`, or `irreversible: REASON`, which asks for a checkpoint"
    " before and for one more"
    " approval.",
    "add `revert:`, e.g. `{rollback: \"before:TASK\"}`, or `irreversible: REASON`",
)  # fmt: skip
NO_CHECK = runbook_rule(
    "task-without-check", WARNING, "A change that nothing looks at afterwards",
    "The task changes something and has no `verify` (critical when its risk is high).",
    "That it ended with 0 is all that is known.",
    "`verify: [{schema: expected}]`, `[{sql: …, expect: …}]`, `[{http: …}]`, or what else shows that it worked.",
    "add `verify:`, e.g. `[{schema: expected}]`",
)  # fmt: skip
CLAIM = runbook_rule(
    "claim-mismatch", WARNING, "The command is not what the title says",
    "The title speaks of an incremental backup or a dry run, the command makes a full one or the real thing.",
    "Time, room and way back are planned for something that does not happen.",
    "Either the words or the command: `{backup: {type: incremental}}`, `--dry-run`.",
    "correct the title or the command",
)  # fmt: skip
WRITE_FIRST = runbook_rule(
    "write-before-check", WARNING, "Something is written before it is checked whether it may be",
    "A step pushes or registers before the steps that pull and look for conflicts.",
    "The check comes too late to prevent what it is for.",
    "First pull, then look, then write; `{session: start}` does all three at once, atomically.",
    "move it behind the steps that pull and look for conflicts",
)  # fmt: skip
READ_ONLY_WRITES = runbook_rule(
    "declared-readonly-writes", CRITICAL, "A phase that is called read-only writes",
    "Its steps commit, push, tag, or change the target.",
    "It is run without care, window or way back, because nothing can happen.",
    "Move what writes into a phase of its own, or leave out the claim.",
    "move the writing steps out of the phase, or do not call it read-only",
)  # fmt: skip
FIRST_WRITES = runbook_rule(
    "first-phase-writes", WARNING, "The first phase changes the target",
    "Every run should begin with a phase that only reads: what it finds decides whether anything is changed at all.",
    "A change is made before the backup, the baseline and the state are known.",
    "A first phase with baseline, drift, backup and monitors, and `read_only: true`.",
    "begin with a phase that only reads",
)  # fmt: skip
EMPTY_STAGE = runbook_rule(
    "empty-stage", CRITICAL, "A stage without steps",
    "The stage is announced and nothing belongs to it.",
    "It is passed without a word: everybody believes it was done.",
    "Steps with `stage: ID`, or leave the stage out.",
    "give it steps (`stage: ID`), or remove it",
)  # fmt: skip
EMPTY_PHASE = runbook_rule(
    "empty-phase", CRITICAL, "A phase without steps",
    "Nothing happens in it, and its gate is passed or not by chance.",
    "It counts as done.",
    "Steps, or leave the phase out.",
    "give it tasks, or remove it",
)  # fmt: skip
ATTESTATION = runbook_rule(
    "step-needs-attestation", WARNING, "A step that only a person can do, and nobody is named",
    "It says Review, Document or Update, and nothing that can be run.",
    "Nothing happens by itself; such a step is never passed without a name and a time.",
    "`do: {manual: \"…\", roles: [lead]}`: a person of these roles says so by name; or an action:"
    " `document`, `drift`,"
    " `validate`, `notify`, `session`.",
    "write `do: {manual: \"…\", roles: [ROLE]}`, or an action that does it",
)  # fmt: skip
NO_COMMANDS = runbook_rule(
    "phase-without-commands", WARNING, "None of the phase's steps can be run",
    "The table has no column for commands, and none of the steps says what to run.",
    "All of it waits for people.",
    "A `Command` column, or `do:` in the runbook.",
    "add a Command column, or `do:` to its tasks",
)  # fmt: skip
NO_REVERTS = runbook_rule(
    "phase-without-reverts", WARNING, "None of the phase's steps has a way back",
    "The table has no column for rollbacks, and steps of the phase change something or do not say what they do.",
    "A failure there stops with everything half done.",
    "A `Rollback` column (`N/A` where nothing is changed), or `revert:`.",
    "add a Rollback column, or `revert:` to its tasks",
)  # fmt: skip
MANY_TABLES = runbook_rule(
    "many-tables-in-one-task", WARNING, "One step changes many tables",
    "Its statements alter more than one table.",
    "When it fails in the middle nobody knows which were changed, and there is one way back for all or none.",
    "One task a table, or a plan (`{apply: …}`), which does it table by table with a checkpoint.",
    "split it: one task a table",
)  # fmt: skip
PROPOSED = runbook_rule(
    "proposed-check-open", INFO, "A proposed check was neither taken nor dropped",
    "The words of the plan could be this typed check; as long as nobody decides, a person has to look.",
    "Nothing wrong: it waits for an attestation.",
    "Replace the `manual` check by what stands in `proposed`, or remove `proposed`.",
    "replace the manual check by the proposed one, or remove `proposed`",
)  # fmt: skip

RULES = (
    REVERT_NOOP, REVERT_INCOMPLETE, NO_REVERT, NO_CHECK, CLAIM, WRITE_FIRST, READ_ONLY_WRITES, FIRST_WRITES,
    EMPTY_STAGE, EMPTY_PHASE, ATTESTATION, NO_COMMANDS, NO_REVERTS, MANY_TABLES, PROPOSED,
)  # fmt: skip
