"""Runs the sentinels of a configuration on labelled answers and prints how well they agree."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import typer
from msgspec import Struct, structs

from parley.cli.judge import Judge
from parley.cli.sentinels_chosen import Choice, chosen
from parley.cli.tables import print_json, print_table
from parley.cli.trouble import Trouble
from parley.evaluation.labelled import Labelled, Score, read_labelled, score, score_json
from parley.evaluation.panel import Panel
from parley.evaluation.sentinel import Sentinel
from parley.evaluation.verdict import Verdict

__all__ = ["Choice", "run_test"]

AT_ONCE = 8
"""Answers that are judged at the same time."""
PATIENCE = 120.0
"""Seconds that one judge may take."""

Judged = list[tuple[Labelled, Verdict]]


class Result(Struct, frozen=True):
    """What one sentinel said of the answers that are labelled for it."""

    score: Score
    judged: Judged


def run_test(file: Path, choice: Choice, *, show: int, as_json: bool, url: str, key: str, data: Path) -> None:
    """Prints the scores of the chosen sentinels on the answers of `file`. Raises Trouble."""
    sentinels, judge = chosen(choice)
    answers = _answers(file)
    known = {sentinel.name for sentinel in sentinels}
    for answer in answers:
        if answer.sentinel is not None and answer.sentinel not in known and not choice.only:
            raise Trouble(f"{file} names the sentinel {answer.sentinel!r}; there is: {', '.join(sorted(known))}.")
    results = asyncio.run(_judged(sentinels, answers, judge, Judge(url, key, data)))
    if as_json:
        print_json([{**score_json(r.score), "verdicts": [_json(*pair) for pair in r.judged]} for r in results])
        return
    print_table(COLUMNS, [_row(result.score) for result in results])
    _print_differences(results, show)


def _answers(file: Path) -> list[Labelled]:
    try:
        answers = read_labelled(file.read_bytes().splitlines())
    except OSError as error:
        raise Trouble(f"{file} can not be read: {error.strerror}.") from None
    except ValueError as error:
        raise Trouble(f"{file}, {error}") from None
    if not answers:
        raise Trouble(f'{file} holds no answers; write one a line: {{"answer": "...", "status": "FAULT"}}')
    return answers


async def _judged(sentinels: list[Sentinel], answers: list[Labelled], judge: str, models: Judge) -> list[Result]:
    room = asyncio.Semaphore(AT_ONCE)
    loop = asyncio.get_running_loop()

    async def one(panel: Panel, answer: Labelled, number: int) -> Verdict:
        subject = answer.subject(f"line_{number}", judge)
        if not panel.has_slow:
            return panel.fast(subject)[0]
        async with room:
            return (await panel.slow(subject, models, loop.time() + PATIENCE))[0]

    results = []
    async with models:
        for sentinel in sentinels:
            panel = Panel((structs.replace(sentinel, enabled=True, sample=1.0),), judge or None)
            meant = [(n, a) for n, a in enumerate(answers, 1) if a.sentinel in (None, sentinel.name)]
            verdicts = await asyncio.gather(*(one(panel, answer, number) for number, answer in meant))
            judged = [(answer, verdict) for (_, answer), verdict in zip(meant, verdicts, strict=True)]
            results.append(Result(score(sentinel.name, sentinel.kind, judged), judged))
    return results


COUNTS = ("answers", "found", "missed", "false alarms", "errors")
COLUMNS = ("sentinel", "kind", *COUNTS, "precision", "recall", "ms", "usd")


def _row(one: Score) -> tuple[Any, ...]:
    share = ["-" if part is None else f"{part:.2f}" for part in (one.precision, one.recall)]
    cost = "-" if one.cost_usd is None else f"{one.cost_usd:.6f}"
    counts = (one.answers, one.found, one.missed, one.false_alarms, one.errors)
    return (one.sentinel, one.kind, *counts, *share, f"{one.ms / max(1, one.answers):.3f}", cost)


def _print_differences(results: list[Result], most: int) -> None:
    """What a person looks at next: the verdicts that are not what the label says."""
    wrong = [pair for result in results for pair in result.judged if _differs(*pair)]
    for answer, verdict in wrong[:most]:
        what = f"{verdict.sentinel}: {verdict.status}, labelled {answer.status}. {verdict.description}"
        typer.echo(f"\n{what}\n  {_short(answer.answer)}")
    if len(wrong) > most:
        typer.echo(f"\n{len(wrong) - most} more verdicts differ from their labels; --show {len(wrong)} shows all.")


def _differs(answer: Labelled, verdict: Verdict) -> bool:
    return (answer.status == "FAULT") != (verdict.status == "FAULT") or verdict.status == "ERROR"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else "?" for c in (line if len(line) <= 100 else line[:97] + "..."))


def _json(answer: Labelled, verdict: Verdict) -> dict[str, Any]:
    return {
        "answer": answer.answer,
        "label": answer.status,
        "status": verdict.status,
        "description": verdict.description,
        "confidence": verdict.confidence,
        "ms": round(verdict.ms, 3),
        "usage": msgspec.to_builtins(verdict.usage),
        "cost_usd": verdict.cost_usd,
    }
