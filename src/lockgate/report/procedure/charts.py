"""Pictures of a run: the timeline of phases and tasks, and each monitor's values around the steps; SVG, pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from lockgate.model.procedure import TaskState
from lockgate.model.procedure_report import MonitorRow, ProcedureReport, TaskRow
from lockgate.report.document import Picture
from lockgate.report.procedure.amounts import duration_words, moment, seconds_between

_WIDTH, _LEFT, _RIGHT = 960, 240, 20
_Point = tuple[str, float, str]
_ROW, _HEIGHT, _MOST_POINTS = 20, 150, 600
_STYLE = (
    "text{font:12px ui-monospace,monospace;fill:#1a1a1a}.small{font-size:10px;fill:#444}.page{fill:#fff}"
    ".grid{stroke:#bbb}.phase{fill:#dfe5ee}.done{fill:#2f6f4f}.failed,.unknown{fill:#a02020}.reverted{fill:#8a5a00}"
    ".running,.pending,.skipped,.deferred{fill:#777}.line{fill:none;stroke:#1f4e8c;stroke-width:1.5}"
    ".limit{stroke:#a02020;stroke-dasharray:6 4}.mark{stroke:#777;stroke-dasharray:2 3}"
    ".breach{stroke:#a02020;stroke-width:3}"
)


class _Scale:
    """Places times between the left and right edge."""

    def __init__(self, first: str, last: str) -> None:
        self.first, self.span = first, max(seconds_between(first, last), 0.001)

    def x(self, at: str) -> float:
        share = seconds_between(self.first, at) / self.span
        return _LEFT + min(max(share, 0.0), 1.0) * (_WIDTH - _LEFT - _RIGHT)

    def width(self, seconds: float) -> float:
        return max(seconds, 0.0) / self.span * (_WIDTH - _LEFT - _RIGHT)


def timeline(report: ProcedureReport) -> Picture | None:
    """Return when each phase and task ran, attempts one by one; None when none began."""
    tasks = [task for task in report.tasks if task.attempts]
    if not tasks:
        return None
    scale = _Scale(report.started_at, _last_moment(report, tasks))
    lines: list[str] = []
    y = 0
    for phase in report.phases:
        own = [task for task in tasks if task.phase == phase.id]
        if not own:
            continue
        lines.append(_phase_bar(scale, phase.id, phase.title, phase.started_at or own[0].started_at, phase.actual_s, y))
        y += _ROW
        for task in own:
            lines.append(_task_bars(scale, task, y))
            y += _ROW
    lines.append(_text(_LEFT, y + 14, report.started_at, "small"))
    lines.append(_text(_WIDTH - _RIGHT, y + 14, f"{duration_words(scale.span)} later", "small", is_end=True))
    words = "; ".join(f"{t.id} {t.state.value} in {duration_words(t.duration_s)}" for t in tasks)
    return Picture(_svg(y + _ROW, f"Timeline of the run {report.run}", words, lines), f"Timeline: {words}")


def _last_moment(report: ProcedureReport, tasks: Sequence[TaskRow]) -> str:
    known = [a.started_at for task in tasks for a in task.attempts] + [report.ended_at]
    last = max(text for text in known if text)
    after = [
        (seconds_between(report.started_at, a.started_at) + max(a.duration_s, 0.0)) for t in tasks for a in t.attempts
    ]
    begin = moment(report.started_at)
    if begin is None or max(after, default=0.0) <= seconds_between(report.started_at, last):
        return last
    from datetime import timedelta

    return (begin + timedelta(seconds=max(after))).isoformat()


def _phase_bar(scale: _Scale, name: str, title: str, at: str, seconds: float, y: int) -> str:
    x, width = scale.x(at), max(scale.width(seconds), 2.0)
    width = min(width, _WIDTH - _RIGHT - x)
    return f'<rect class="phase" x="{x:.1f}" y="{y + 2}" width="{max(width, 2):.1f}" height="{_ROW - 4}"/>' + _text(
        4, y + 14, f"{name} {title}"[:32], ""
    )


def _task_bars(scale: _Scale, task: TaskRow, y: int) -> str:
    bars = []
    for attempt in task.attempts:
        x = scale.x(attempt.started_at)
        width = max(min(scale.width(attempt.duration_s), _WIDTH - _RIGHT - x), 2.0)
        words = f"{task.id} attempt {attempt.number}: {attempt.state.value}, {duration_words(attempt.duration_s)}"
        bars.append(
            f'<rect class="{attempt.state.value}" x="{x:.1f}" y="{y + 4}" width="{width:.1f}" height="{_ROW - 8}">'
            f"<title>{escape(words)}</title></rect>"
        )
    state = "" if task.state is TaskState.DONE else f" [{task.state.value}]"
    return _text(16, y + 14, f"{task.id} {task.title}"[: 30 - len(state)] + state, "") + "".join(bars)


def monitor_chart(report: ProcedureReport, monitor: MonitorRow) -> Picture | None:
    """Return a monitor's values with the steps marked, its limit and its breach; None without values."""
    samples = [(s.at, s.value, s.judgement) for s in monitor.samples if s.value is not None and moment(s.at)]
    if not samples:
        return None
    samples = samples[:: max(len(samples) // _MOST_POINTS, 1)]
    first = min(samples[0][0], report.started_at)
    scale = _Scale(first, max(samples[-1][0], monitor.breach_at or "", report.ended_at or ""))
    top = max([value for _, value, _ in samples] + [monitor.limit or 0.0]) * 1.1 or 1.0
    lines = [*_axis(top), *_marks(report, scale), _line(samples, scale, top)]
    if monitor.limit is not None:
        y = _y(monitor.limit, top)
        lines.append(f'<line class="limit" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(_text(_LEFT - 6, y + 4, f"limit {monitor.limit:g}", "small", is_end=True))
    if monitor.breach_at:
        x = scale.x(monitor.breach_at)
        lines.append(f'<line class="breach" x1="{x:.1f}" x2="{x:.1f}" y1="10" y2="{_HEIGHT}"/>')
        lines.append(_text(x + 4, 22, "breach", "small"))
    words = _words(monitor, samples)
    return Picture(_svg(_HEIGHT + 40, f"Values of {monitor.name}", words, lines), words)


def _words(monitor: MonitorRow, samples: Sequence[_Point]) -> str:
    values = [value for _, value, _ in samples]
    text = f"{monitor.name}: {len(monitor.samples)} values, {min(values):g} to {max(values):g}"
    text += f", limit {monitor.limit:g}" if monitor.limit is not None else ""
    return text + (f"; broke at {monitor.breach_at}: {monitor.breach}" if monitor.breach else "; no breach")


def _axis(top: float) -> list[str]:
    base = _y(0, top)
    return [
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{base:.1f}" y2="{base:.1f}"/>',
        _text(_LEFT - 6, base + 4, "0", "small", is_end=True),
        _text(_LEFT - 6, 18, f"{top:g}"[:10], "small", is_end=True),
    ]


def _marks(report: ProcedureReport, scale: _Scale) -> list[str]:
    lines = []
    place = -100.0
    for task in report.tasks:
        for attempt in task.attempts:
            x = scale.x(attempt.started_at)
            lines.append(
                f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="10" y2="{_HEIGHT}"><title>{escape(task.id)} began'
                "</title></line>"
            )
            if x - place > 8 * len(task.id) + 8:
                lines.append(_text(x + 2, _HEIGHT + 16, task.id, "small"))
                place = x
    return lines


def _line(samples: Sequence[_Point], scale: _Scale, top: float) -> str:
    points = " ".join(f"{scale.x(at):.1f},{_y(value, top):.1f}" for at, value, _ in samples)
    dots = "".join(
        f'<circle cx="{scale.x(at):.1f}" cy="{_y(value, top):.1f}" r="2" class="done"><title>'
        f"{escape(f'{at}: {value:g} {judgement}')}</title></circle>"
        for at, value, judgement in (samples if len(samples) <= 120 else ())
    )
    return f'<polyline class="line" points="{points}"/>{dots}'


def _y(value: float, top: float) -> float:
    return _HEIGHT - min(max(value / top, 0.0), 1.0) * (_HEIGHT - 20)


def _svg(height: int, title: str, words: str, lines: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{_WIDTH}" height="{height}"'
        f' viewBox="0 0 {_WIDTH} {height}" aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f"<desc>{escape(words)}</desc><style>{_STYLE}</style>"
        f'<rect class="page" width="{_WIDTH}" height="{height}"/>' + "".join(lines) + "</svg>"
    )


def _text(x: float, y: float, text: str, css: str, *, is_end: bool = False) -> str:
    anchor = ' text-anchor="end"' if is_end else ""
    style = f' class="{css}"' if css else ""
    return f'<text x="{x:.0f}" y="{y:.0f}"{style}{anchor}>{escape(text)}</text>'
