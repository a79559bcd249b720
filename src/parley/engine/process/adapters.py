"""Which LoRA adapters a request uses, sent in full each time.

llama.cpp keeps computed prompts, and mixes those of different adapters unless every request states every scale
(ggml-org/llama.cpp#26207, open in 2026-11).
"""

from typing import Any

from parley.core.errors import NotFound


def scales(known: tuple[str, ...], peft: str | None, loras: dict[str, float] | None) -> list[dict[str, Any]]:
    """Every adapter of the model with its scale: 1 for `peft`, as told for `loras`, 0 for the others.

    Raises NotFound for a name the model does not have, with those it has.
    """
    asked = dict(loras or {})
    if peft:
        asked.setdefault(peft, 1.0)
    for name in asked:
        if name not in known:
            names = f"it has: {', '.join(known)}" if known else "it has none"
            param = "peft" if name == peft else "loras"
            raise NotFound(f"This model has no adapter {name!r}; {names}.", param=param, code="adapter_not_found")
    return [{"id": index, "scale": asked.get(name, 0.0)} for index, name in enumerate(known)]
