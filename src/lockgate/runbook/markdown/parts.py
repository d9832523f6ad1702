"""Parts of a plan beside its phases: risks, levels of rollback, triggers, metrics, messages, people; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from lockgate.model.outcome import RollbackLevel
from lockgate.model.runbook import ApprovalItem, Contact, LevelPlan, Message, Metric, RiskRow, Rule, Trigger
from lockgate.runbook.markdown.draft import Draft
from lockgate.runbook.markdown.kinds import Kind, kind_of, level_of, when_of
from lockgate.runbook.markdown.plan import Block, Comment, Fence, Item, ItemList, Line, Paragraph, Row, Section, Table
from lockgate.runbook.markdown.tables import column_of
from lockgate.runbook.markdown.words import is_nothing, key_of, plain, read_level, read_risk

_ARROW = re.compile(r"\s*(?:→|->|=>|⇒|➜|➡️?)\s*|\s+[—–]\s+")
_PERSON = re.compile(r"^\s*(?:\*\*)?[^:.|]{2,40}(?::\s*\*\*|\*\*\s*:|:\s)\s*\S")
_TICKS = re.compile(r"(?i)\[x\]|[✅☑✔✓]|\b(approved|signed( off)?|granted|done|yes|complete)\b")


def read_risks(section: Section, draft: Draft) -> list[Block]:
    """Read the rows of a risk matrix, or bullets of risks where there is none; return what is neither."""
    rest: list[Block] = []
    has_table = bool(draft.risks) or any(isinstance(block, Table) for inner in section.walk() for block in inner.blocks)
    for block in _blocks(section, draft):
        if isinstance(block, Table) and column_of(block, r"risk|severity|impact") >= 0 and len(block.header) > 2:
            draft.take(block)
            draft.risks.extend((_risk_row(block, row), row.line) for row in block.rows if any(row.cells))
        elif isinstance(block, ItemList) and not has_table:
            draft.take(block)
            for item in block.items:
                draft.risks.append((RiskRow(task=words_of(item), risk=read_risk(item.text)), item.line))
        else:
            rest.append(block)
    return rest


def _risk_row(table: Table, row: Row) -> RiskRow:
    def cell(pattern: str) -> str:
        index = column_of(table, pattern)
        return row.cells[index].replace("**", "").strip() if 0 <= index < len(row.cells) else ""

    return RiskRow(
        task=cell(r"^(task|risk item|item|activity|change|area|step|what|component|operation|phase|work)")
        or row.cells[0].replace("**", ""),
        risk=read_risk(
            cell(r"^(risk( level)?|level|severity|rating|impact)$") or cell(r"risk level|severity|likelihood")
        ),
        blast_radius=cell(r"blast|radius|affects|scope"),
        rollback=cell(r"roll ?back|revert|undo|recovery"),
        mitigation=cell(r"mitigat|counter|response|control|safeguard"),
    )


def read_levels(section: Section, draft: Draft) -> list[Block]:
    """Read levels of rollback: headings, table rows or bullets; return what is none."""
    rest: list[Block] = []
    for block in section.blocks:
        if isinstance(block, Table) and _level_rows(block, draft):
            draft.take(block)
        elif isinstance(block, ItemList) and any(level_of(item.text.replace("**", "")) for item in block.items):
            draft.take(block)
            for item in block.items:
                _level_item(item, draft)
        else:
            rest.append(block)
    children = [
        inner for inner in section.sections if kind_of(inner.title) in (Kind.LEVEL, Kind.LEVELS, Kind.OTHER, Kind.STEP)
    ]
    named = [inner for inner in children if level_of(inner.title)]
    for inner in section.sections:
        if inner in named or (not named and inner in children and _has_commands(inner)):
            read_level_section(inner, draft)
    return rest


def read_level_section(section: Section, draft: Draft) -> None:
    """Read one level under its own heading: words are its impact, code and numbered items its commands."""
    number, title = level_of(section.title) or (str(len(draft.levels) + 1), plain(section.title))
    commands, words = [], []
    for inner in section.walk():
        draft.take(inner.heading, *inner.blocks)
        if inner is not section:
            words.append(plain(inner.title) + ":")
        for block in inner.blocks:
            if isinstance(block, Fence):
                commands.append(block.text.strip("\n"))
            elif isinstance(block, ItemList):
                for item in block.items:
                    commands.append(words_of(item))
                    commands.extend(fence.text.strip("\n") for fence in item.fences)
            elif isinstance(block, Paragraph):
                words.append(block.text.replace("**", "").strip())
            elif isinstance(block, Table):
                commands.extend(" — ".join(cell for cell in row.cells if cell) for row in block.rows)
    _add_level(number, title, " ".join(words).strip(" :"), commands, section.heading.line, draft)


def _level_rows(table: Table, draft: Draft) -> bool:
    index = column_of(table, r"^(level|tier|roll ?back level)|^#$")
    if index < 0:
        return False
    name = column_of(table, r"^(name|type|title|what|scope|description|method)")
    for row in table.rows:
        cells = [cell.replace("**", "").strip() for cell in row.cells]
        found = level_of(cells[index]) or level_of(f"Level {cells[index]}")
        number, title = found or (str(len(draft.levels) + 1), cells[index])
        if not title and 0 <= name < len(cells):
            title = cells[name]
        rest = [cell for at, cell in enumerate(cells) if at not in (index, name) and not is_nothing(cell)]
        commands = [cell for cell in rest if "`" in cell]
        _add_level(number, title, " — ".join(cell for cell in rest if "`" not in cell), commands, row.line, draft)
    return True


def _level_item(item: Item, draft: Draft) -> None:
    head, _, words = item.text.replace("**", "").partition(" — ")
    number, title = level_of(head) or (str(len(draft.levels) + 1), head)
    commands = [words_of(child) for child in item.items] + [fence.text for fence in item.fences]
    _add_level(number, title, words, commands, item.line, draft)


def _add_level(number: str, title: str, impact: str, commands: list[str], line: int, draft: Draft) -> None:
    level = read_level(title) or read_level(" ".join([impact, *commands])) or RollbackLevel.CODE
    draft.levels.append(
        (LevelPlan(level=level, number=number, title=title, impact=impact, commands=tuple(commands)), line)
    )


def finish_levels(draft: Draft) -> None:
    """Give levels that words do not tell apart the places that are left, in order."""
    given = [plan.level for plan, _ in draft.levels]
    if len(given) != len(RollbackLevel) or len(set(given)) == len(given):
        return
    free = [level for level in RollbackLevel if level not in given]
    seen: set[RollbackLevel] = set()
    for index, (plan, line) in enumerate(draft.levels):
        if plan.level in seen and free:
            level = free.pop(0)
            draft.note(line, f"level {plan.number} reads like {plan.level.value}; it was taken for {level.value}")
            draft.levels[index] = (msgspec.structs.replace(plan, level=level), line)
        seen.add(plan.level)


def read_triggers(section: Section, draft: Draft) -> list[Block]:
    """Read triggers with what each orders; return what is none."""
    default = _action_in(section.title)
    rest: list[Block] = []
    for block in _blocks(section, draft):
        if isinstance(block, ItemList):
            draft.take(block)
            for item in _leaves(block.items):
                text, action = _split_action(words_of(item))
                _add_trigger(text, action or default, item.line, draft)
        elif isinstance(block, Table):
            draft.take(block)
            _trigger_rows(block, default, draft)
        else:
            rest.append(block)
    return rest


def _trigger_rows(table: Table, default: str, draft: Draft) -> None:
    index = max(column_of(table, r"trigger|condition|alert|metric|signal|when|if|event"), 0)
    limit = column_of(table, r"threshold|limit|value")
    action = column_of(table, r"action|response|then|do\b|reaction")
    for row in table.rows:
        if index >= len(row.cells) or is_nothing(row.cells[index]):
            continue
        text = row.cells[index].replace("**", "").strip()
        if 0 <= limit < len(row.cells) and limit != index:
            text = f"{text} {row.cells[limit]}".strip()
        chosen = row.cells[action].replace("**", "").strip() if 0 <= action < len(row.cells) else default
        _add_trigger(text, chosen, row.line, draft)


def _add_trigger(text: str, action: str, line: int, draft: Draft) -> None:
    draft.triggers.append((Trigger(text=text, action=action, rule=rule_of(text)), line))


def rule_of(text: str) -> Rule | None:
    """Return the rule that words of a trigger mean, with the limits they name and the defaults; None: none is known."""
    words = plain(text).lower()
    number = re.search(
        r"(?:>=?|≥|above|over|exceeds?|more than|greater than|beyond)\s*(\d+(?:\.\d+)?)\s*(%|ms|s\b|sec|m\b|min)?",
        words,
    )
    value, unit = (float(number.group(1)), number.group(2) or "") if number else (0.0, "")
    if re.search(r"\bany\b.*\b(5\d\d|5xx|errors?)\b|\b5(00|xx)\b.*\b(logs?|errors?)\b", words) and not number:
        return Rule(kind="none_of")
    if re.search(r"health|availab|endpoint.*(down|fail)|unreachable", words) and not number:
        return Rule(kind="up")
    if number and unit == "%" and re.search(r"\berror|\bfail|\b5xx\b", words):
        return Rule(kind="rate", limit=value / 100)
    if number and re.search(r"response|latency|\bp\d\d\b|duration|slow", words):
        quantile = re.search(r"\bp(\d\d)\b", words)
        seconds = value / 1000 if unit == "ms" else value
        return Rule(kind="quantile", limit=seconds, quantile=int(quantile.group(1)) / 100 if quantile else 0.95)
    return Rule(kind="value", limit=value) if number else None


def _split_action(text: str) -> tuple[str, str]:
    parts = [part.strip() for part in _ARROW.split(text, maxsplit=1)]
    return (parts[0].strip("` "), parts[1]) if len(parts) == 2 and parts[0] else (text, "")


def _action_in(title: str) -> str:
    words = plain(title)
    found = re.search(r"(?i)\b(stop|halt|abort)\b(.{0,5}\b(roll ?back)\b)?|\broll ?back\b", words)
    return found.group().strip() if found and re.search(r"(?i)stop|halt|abort", words) else ""


def read_metrics(section: Section, draft: Draft) -> list[Block]:
    """Read what is to be watched; a table that has limits and actions gives triggers too."""
    rest: list[Block] = []
    for block in _blocks(section, draft):
        if isinstance(block, ItemList):
            draft.take(block)
            draft.metrics.extend((Metric(words_of(item)), item.line) for item in block.items)
        elif isinstance(block, Table):
            draft.take(block)
            index = max(column_of(block, r"metric|signal|what|indicator|name"), 0)
            for row in block.rows:
                if index < len(row.cells) and not is_nothing(row.cells[index]):
                    draft.metrics.append((Metric(_joined(block, row, index)), row.line))
            if (
                column_of(block, r"action|response|then\b") >= 0
                and column_of(block, r"threshold|limit|trigger|alert") >= 0
            ):
                _trigger_rows(block, "", draft)
        else:
            rest.append(block)
    return rest


def read_messages(section: Section, draft: Draft, when: str = "") -> list[Block]:
    """Read what is told before, during and after; return what is no message."""
    rest: list[Block] = []
    for block in _blocks(section, draft):
        if isinstance(block, ItemList):
            draft.take(block)
            for item in block.items:
                _message_item(item, when, draft)
        elif isinstance(block, Table):
            draft.take(block)
            _message_rows(block, when, draft)
        else:
            rest.append(block)
    return rest


def _message_item(item: Item, when: str, draft: Draft) -> None:
    words = item.text.replace("**", "").strip()
    head, colon, tail = words.partition(":")
    inner = when_of(head) if len(head.split()) <= 4 else ""
    if item.items and inner and (not tail.strip() or words.endswith(":")):
        for child in item.items:
            _message_item(child, inner, draft)
        return
    if colon and inner and tail.strip() and not when:
        words, when = tail.strip(), inner
    details = "; ".join(words_of(child) for child in item.items)
    _add_message(f"{words.rstrip(':')}: {details}" if details else words, when, "", item.line, draft)


def _message_rows(table: Table, when: str, draft: Draft) -> None:
    timing = column_of(table, r"^(when|timing|time|phase|stage|point)")
    channel = column_of(table, r"channel|via|medium|how")
    index = column_of(table, r"message|what|content|action|item|communication|task|text|announcement")
    index = index if index >= 0 else next(i for i in range(len(table.header)) if i not in (timing, channel))
    for row in table.rows:
        if index >= len(row.cells) or is_nothing(row.cells[index]):
            continue
        time = row.cells[timing] if 0 <= timing < len(row.cells) else ""
        reach = plain(row.cells[channel]) if 0 <= channel < len(row.cells) else ""
        others = [
            f"{plain(name).lower()}: {cell}"
            for at, (name, cell) in enumerate(zip(table.header, row.cells, strict=False))
            if at not in (timing, channel, index)
            and not is_nothing(cell)
            and key_of(name) not in ("", "no", "done", "status")
        ]
        text = "; ".join(
            [row.cells[index].replace("**", ""), *([f"when: {time}"] if time and not when_of(time) else []), *others]
        )
        _add_message(text, when_of(time) or when, reach, row.line, draft)


def _add_message(text: str, when: str, channel: str, line: int, draft: Draft) -> None:
    lead = tuple(f"{number}{unit.lower()}" for number, unit in re.findall(r"(?i)\bT\s*[-–−]\s*(\d+)\s*([mhd])", text))
    draft.messages.append(
        (Message(text=text, when=when or "during", channel="" if is_nothing(channel) else channel, lead=lead), line)
    )


def read_contacts(section: Section, draft: Draft) -> list[Block]:
    """Read people to reach; return what is none."""
    rest: list[Block] = []
    for block in _blocks(section, draft):
        if isinstance(block, ItemList):
            draft.take(block)
            draft.contacts.extend((_contact(item), item.line) for item in block.items)
        elif isinstance(block, Table):
            draft.take(block)
            draft.contacts.extend((_contact_row(block, row), row.line) for row in block.rows if any(row.cells))
        elif isinstance(block, Paragraph) and all(_PERSON.match(line) for line in block.lines):
            draft.take(block)
            lines = enumerate(block.lines, start=block.line)
            draft.contacts.extend((_contact(Item(number, number, line.strip())), number) for number, line in lines)
        else:
            rest.append(block)
    return rest


def _contact(item: Item) -> Contact:
    text = words_of(item)
    match = re.match(r"^\s*([^:—–]{1,60}?)\s*(?::|\s[—–]\s)\s*(.*)$", text)
    name, reach = (match.group(1), match.group(2)) if match else (text, "")
    return Contact(name=name.strip(), reach=_reach(reach))


def _contact_row(table: Table, row: Row) -> Contact:
    role = column_of(table, r"role|function|team|responsib|title|position|area")
    name = column_of(table, r"name|person|who|contact$")
    name = name if name != role else -1
    cells = [cell.replace("**", "").strip() for cell in row.cells]
    chosen = next((cells[at] for at in (name, role, 0) if 0 <= at < len(cells) and _reach(cells[at])), cells[0])
    title = cells[role] if 0 <= role < len(cells) and cells[role] != chosen else ""
    rest = [_reach(cell) for at, cell in enumerate(cells) if at not in (name, role) and cell != chosen]
    return Contact(name=chosen, role=title, reach="; ".join(cell for cell in rest if cell))


def _reach(text: str) -> str:
    return "" if is_nothing(text) or re.match(r"(?i)^\W*(tba|tbd|todo|\?+)\W*$", text) else text.strip()


def read_approvals(section: Section, draft: Draft) -> list[Block]:
    """Read what must be approved; ticks are claims. Return what is no item."""
    rest: list[Block] = []
    for block in _blocks(section, draft):
        if isinstance(block, ItemList):
            draft.take(block)
            for item in _leaves(block.items):
                text = words_of(item)
                is_ticked = item.box is None and bool(re.search(r"[✅☑✔✓]\ufe0f?\s*$", text))
                _add_approval(
                    text.rstrip("✅☑✔✓\ufe0f ") if is_ticked else text, bool(item.box) or is_ticked, item.line, draft
                )
        elif isinstance(block, Table):
            draft.take(block)
            _approval_rows(block, draft)
        else:
            rest.append(block)
    return rest


def _approval_rows(table: Table, draft: Draft) -> None:
    index = column_of(table, r"approval|item|check|what|requirement|criteri|role|approver|reviewer|review|title|task")
    state = column_of(table, r"status|signature|signed|approved\??$|done|\bok\b|decision|state|tick")
    index = index if index >= 0 and index != state else 0
    for row in table.rows:
        if index >= len(row.cells) or is_nothing(row.cells[index]):
            continue
        mark = row.cells[state] if 0 <= state < len(row.cells) else ""
        is_claimed = bool(_TICKS.search(mark)) and not re.search(r"(?i)\bnot\b|\bpending\b|\bno\b|⬜|☐|\[ \]", mark)
        others = [
            f"{plain(name).lower()}: {cell}"
            for at, (name, cell) in enumerate(zip(table.header, row.cells, strict=False))
            if at not in (index, state) and not is_nothing(cell) and key_of(name) not in ("", "no", "nr", "id", "date")
        ]
        _add_approval("; ".join([row.cells[index].replace("**", ""), *others]), is_claimed, row.line, draft)


def _add_approval(text: str, is_claimed: bool, line: int, draft: Draft) -> None:
    if is_claimed:
        draft.note(line, "this approval is ticked by hand: a claim, nobody's record")
    item = ApprovalItem(text=text, roles=_roles(text), evidence=_evidence(text), claimed=is_claimed)
    draft.approvals.append((item, line))


def _evidence(text: str) -> str:
    words = plain(text).lower()
    for name, pattern in (
        ("rehearsal", r"\broll ?back\b.*\b(test|rehears|stag|proven|work)|\brehears|dry.?run"),
        ("backup", r"\bbackups?\b"),
        ("notified", r"\bnotif|\binformed\b|\bannounce"),
        ("monitoring", r"\bmonitor|\balerts?\b|\bdashboards?\b"),
    ):
        if re.search(pattern, words):
            return name
    return ""


def _roles(text: str) -> tuple[str, ...]:
    match = re.search(r"(?i)\b(?:by|from)\s+(?:an?\s+|the\s+)?([a-z][a-z /-]{2,30}?)(?=$|[(),.;:—–]|\s+-)", plain(text))
    return (re.sub(r"[^a-z0-9]+", "-", match.group(1).lower()).strip("-"),) if match else ()


def words_of(item: Item) -> str:
    """Return an item's words with those under it, without marks of emphasis."""
    inner = "; ".join(words_of(child) for child in item.items)
    text = item.text.replace("**", "").strip()
    return f"{text.rstrip(':')}: {inner}" if inner else text


def _leaves(items: tuple[Item, ...]) -> Iterator[Item]:
    """Items themselves, or those inside of an item that is only a title for them."""
    for item in items:
        has_title = plain(item.text).endswith(":") or all(child.box is not None for child in item.items)
        if item.items and item.box is None and has_title:
            yield from item.items
        else:
            yield item


def _joined(table: Table, row: Row, index: int) -> str:
    others = [
        f"{plain(name).lower()}: {cell}"
        for at, (name, cell) in enumerate(zip(table.header, row.cells, strict=False))
        if at != index and not is_nothing(cell) and key_of(name)
    ]
    return "; ".join([row.cells[index].replace("**", "").strip(), *others])


def _blocks(section: Section, draft: Draft) -> list[Block]:
    draft.take(section.heading)
    draft.take(*(block for block in section.blocks if isinstance(block, Line | Comment)))
    return [block for block in section.blocks if not isinstance(block, Line | Comment)]


def _has_commands(section: Section) -> bool:
    return section.heading.level <= 7 and any(
        isinstance(block, Fence | ItemList) for inner in section.walk() for block in inner.blocks
    )
