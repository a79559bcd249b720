"""Chat templates: Jinja in its immutable sandbox, with what Hugging Face's templates expect (transformers, 2026-08)."""

import json
from datetime import datetime
from typing import Any

from jinja2 import Template, TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from parley.core.errors import BadRequest

PLAIN = (
    "{%- for m in messages -%}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"
)
"""ChatML, for a file that brings no template."""


class Refused(Exception):
    """A template called `raise_exception`."""


def refuse(message: str) -> str:
    """The templates' own way to say that a conversation is not to their liking."""
    raise Refused(message)


def tojson(value: Any, indent: int | None = None, **_: Any) -> str:
    """JSON as the templates of Hugging Face write it: no HTML escapes, non-ASCII letters as they are."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def environment() -> ImmutableSandboxedEnvironment:
    """The sandbox that every template runs in."""
    sandbox = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    sandbox.filters["tojson"] = tojson
    sandbox.globals["raise_exception"] = refuse
    sandbox.globals["strftime_now"] = lambda form: datetime.now().astimezone().strftime(form)
    return sandbox


def compiled(source: str) -> Template:
    """A template ready to render. Raises BadRequest if it is not Jinja."""
    try:
        return environment().from_string(source)
    except (TemplateError, RecursionError, ValueError) as error:
        raise BadRequest(f"The chat template is not valid Jinja: {error}.", param="chat_template") from None


def render(template: Template, values: dict[str, Any]) -> str:
    """The text of a conversation. Raises BadRequest if the template refuses it or fails."""
    try:
        return template.render(values)
    except Refused as refused:
        raise BadRequest(f"The chat template refuses these messages: {refused}", param="messages") from None
    except Exception as error:  # a template may fail in any way that Python can
        text = f"The chat template fails on these messages: {type(error).__name__}: {error}"
        raise BadRequest(text[:500], param="messages") from None
