"""Admit: lets a call in where the budgets, limits and models of its account and its key allow it.

Reads: the account, the key, the ask; the targets that it may go to.
Writes: what the call is expected to take is set aside before it asks a model; what it took is charged to the budgets in
the transaction of its record, and what was set aside is free again when that is committed.
Fails: closed (a budget that is used up is a 412, a limit that is reached a 429, a store that is away a 503).
Costs: one look where nobody is bounded; some 10 microseconds else, and now and then a draw from the store.
"""

from collections.abc import Iterable

from msgspec import Struct

from parley.accounts.gate import Amounts, Gate, Terms, Ticket
from parley.accounts.prices import Prices
from parley.core.asks import Embed
from parley.core.call import Call
from parley.core.enclosures import Enclosure
from parley.core.record import ANSWERED, Record
from parley.core.reply import Reply, Usage
from parley.core.tokens import text_tokens
from parley.pipeline.house import Answer, House
from parley.pipeline.stages.record import Entry
from parley.routing.narrow import narrowed
from parley.routing.plan import leaves
from parley.routing.router import Way
from parley.routing.tokens import prompt_tokens

MARGIN = 1.25
"""Prompts of code have more tokens than estimated."""
LOOKED_AT = 8
"""Targets whose prices are looked at; the dearest counts."""
HITS = ("HIT", "SEMANTIC HIT")


class Admitted(Struct, frozen=True, kw_only=True):
    """A call under way: what it has set aside, and what was expected."""

    ticket: Ticket
    prompt: float
    expectation: tuple[str, str]


async def admit(call: Call, house: House, entry: Entry) -> None:
    """Returns where the call may go on. Raises BudgetSpent, RateLimited and StoreError."""
    gate = house.gate
    if gate is None:
        return
    if call.whose.account != call.caller.account:
        gate.meet(call.whose.account)
    if gate.bounded and (terms := gate.terms(call.whose.account, call.caller.key_id)):
        await _admit(call, house, gate, terms, entry)


def permitted(way: Way, call: Call, house: House) -> Way:
    """The way without the models that the account or the key may not ask. Raises ModelNotAllowed."""
    gate = house.gate
    if gate is None or not gate.bounded:
        return way
    for terms in gate.terms(call.whose.account, call.caller.key_id):
        if terms.models is not None:
            way = narrowed(way, terms.models, call.ask.model or "")
    return way


async def _admit(call: Call, house: House, gate: Gate, terms: Iterable[Terms], entry: Entry) -> None:
    way = permitted(house.router.way(call), call, house)
    if not any(one.bounds for one in terms):
        return
    prompt = prompt_tokens(call.ask) * MARGIN
    what = (call.whose.account, call.ask.model or "")
    answer = _answer_tokens(call, gate, what)
    amounts = Amounts(usd=_dearest(way, house.prices, int(prompt), int(answer)), tokens=prompt + answer)
    ticket = await gate.enter(terms, amounts)
    gate.under_way[call.id] = Admitted(ticket=ticket, prompt=prompt, expectation=what)
    entry.after(ticket.close)


def _answer_tokens(call: Call, gate: Gate, what: tuple[str, str]) -> float:
    ask = call.ask
    if isinstance(ask, Embed):
        return 0.0
    most = getattr(ask, "max_completion_tokens", None) or ask.max_tokens
    return float((most or gate.expectation.of(what)) * (ask.n or 1))


def _dearest(way: Way, prices: Prices, prompt: int, answer: int) -> float:
    usage = Usage(prompt_tokens=prompt, completion_tokens=answer)
    plans = [way.plan] if way.second is None else [way.plan, way.second]
    targets = [leaf.target for plan in plans for leaf in leaves(plan) if leaf.target is not None][:LOOKED_AT]
    return max((prices.cost(target.provider, target.upstream, usage) or 0.0 for target in targets), default=0.0)


class Charging:
    """What a record's call took, as charges that are committed with it: an afterthought."""

    def __init__(self, gate: Gate, prices: Prices) -> None:
        self._gate = gate
        self._prices = prices

    def __call__(self, line: Record, call: Call, answer: Answer | None, reply: Reply | None) -> Iterable[Enclosure]:
        """The charges; nothing where nobody is bounded."""
        if not self._gate.under_way:
            return ()
        admitted: Admitted | None = self._gate.under_way.pop(line.id, None)
        if admitted is None:
            return ()
        admitted.ticket.used = self._used(line, admitted, reply)
        if line.outcome == ANSWERED and line.usage is not None and line.cache not in HITS:
            self._gate.expectation.learn(admitted.expectation, line.usage.completion_tokens)
        return admitted.ticket.charges(line.id)

    def _used(self, line: Record, admitted: Admitted, reply: Reply | None) -> Amounts:
        if line.cache in HITS:
            return Amounts()
        usage, cost = line.usage, line.cost_usd
        if usage is None and reply is not None and reply.choices:
            usage = Usage(prompt_tokens=int(admitted.prompt / MARGIN), completion_tokens=_said(reply))
            cost = self._prices.cost(line.provider, line.upstream_model, usage)
        others = [one for one in line.attempts or () if one.usage is not None]
        return Amounts(
            usd=(cost or 0.0) + sum(one.cost_usd or 0.0 for one in others),
            tokens=float(
                (usage.total_tokens if usage else 0) + sum(one.usage.total_tokens for one in others if one.usage)
            ),
        )


def _said(reply: Reply) -> int:
    """The tokens of an answer that nobody counted, because it was cut or its client left."""
    parts = [part for choice in reply.choices for part in (choice.text, choice.reasoning) if part]
    parts += [tool.arguments for choice in reply.choices for tool in choice.tools]
    return sum(map(text_tokens, parts))
