"""Puts the spans of a trace together into a tree, whatever their senders got wrong."""

from collections.abc import Iterable

from msgspec import Struct

from parley.core.enclosures import EvaluationRow, Span, TraceMark, VerdictRow
from parley.core.record import Record
from parley.tracing.node import Node, Tree
from parley.tracing.parts import judge_nodes, request_nodes, span_node


class Found(Struct, frozen=True, kw_only=True):
    """All that is kept of one trace."""

    trace_id: str
    records: list[Record]
    marks: list[TraceMark]
    spans: list[Span]
    evaluations: list[EvaluationRow] = []
    verdicts: list[VerdictRow] = []


def tree_of(found: Found) -> Tree:
    """The tree. A span whose parent is not there is a root; one that is its own ancestor, too."""
    marks = {mark.request_id: mark for mark in found.marks}
    nodes, roots = [], {}
    for record in found.records:
        own = request_nodes(record, marks.get(record.id))
        roots[record.id] = own[0].id
        nodes += own
    nodes += [span_node(span, roots.get(span.request_id or "")) for span in found.spans]
    nodes += judge_nodes(found.evaluations, found.verdicts, roots)
    nodes.sort(key=lambda node: node.started)
    first = min((node.started for node in nodes), default=0.0)
    last = max((node.started + node.ms / 1000 for node in nodes), default=first)
    usages = [record.usage for record in found.records if record.usage is not None]
    return Tree(
        trace_id=found.trace_id,
        started=first,
        ms=round((last - first) * 1000, 3),
        requests=len(found.records),
        errors=sum(node.status == "error" for node in nodes),
        prompt_tokens=sum(usage.prompt_tokens for usage in usages),
        completion_tokens=sum(usage.completion_tokens for usage in usages),
        cost_usd=sum(record.cost_usd or 0.0 for record in found.records),
        spans=rooted(nodes),
    )


DEEPEST = 100
"""Levels of a tree; what lies deeper stands beside its parent, since readers of JSON give up somewhere."""


def rooted(nodes: Iterable[Node]) -> list[Node]:
    """The roots, each with its children; every node stands in one place. A second node of an id has no child."""
    all = list(nodes)
    by_id: dict[str, Node] = {}
    for node in all:
        by_id.setdefault(node.id, node)
    places: dict[int, tuple[Node | None, int]] = {}  # by identity: the parent it stands below, and how deep
    for node in all:
        _place(node, by_id, places)
    roots: list[Node] = []
    for node in all:
        parent = places[id(node)][0]
        (roots if parent is None else parent.children).append(node)
    return roots


def _place(node: Node, by_id: dict[str, Node], places: dict[int, tuple[Node | None, int]]) -> None:
    """Finds the place of a node and, on the way, of its ancestors; each is looked at once."""
    path: list[Node] = []
    at: Node | None = node
    while at is not None and id(at) not in places:
        path.append(at)
        places[id(at)] = (None, 0)
        at = by_id.get(at.parent_id) if at.parent_id else None
    mine = {id(one) for one in path}
    above = None if id(at) in mine else at  # a circle is cut where it was entered
    for one in reversed(path):
        if above is not None and above is not one:
            over, depth = places[id(above)]
            places[id(one)] = (above, depth + 1) if depth < DEEPEST else (over, depth)
        above = one
