"""What applications do with `scale-egp` 1.1.15."""

import json
from typing import Any

from scale_egp.sdk.client import EGPClient
from scale_egp.sdk.types.completions import ModelParameters
from scale_egp.sdk.types.models import ModelInstance


def _client(url: str, key: str, account: str | None = "acc1") -> Any:
    return EGPClient(api_key=key, account_id=account, endpoint_url=url)


def default_account(url: str, key: str) -> Any:
    """The account that a client without one finds for itself."""
    return _client(url, key, None).account_id


def execute(url: str, key: str, model: str, kind: str, request: dict[str, Any]) -> Any:
    """What a deployment answers."""
    client = _client(url, key)
    found = client.models().get(model)
    asked = ModelInstance(**{**found.dict(), "model_type": kind})
    deployment = client.models().deployments().list(asked)[0]
    return json.loads(client.models().deployments().execute(deployment.id, asked, request).json())


def models(url: str, key: str) -> Any:
    """The catalogue."""
    client = _client(url, key)
    return [json.loads(one.json()) for one in client.models().list()]


def groups(url: str, key: str) -> Any:
    """The groups of models."""
    return [json.loads(one.json()) for one in _client(url, key).model_groups().list()]


def complete(url: str, key: str, parameters: dict[str, Any] | None = None, **more: Any) -> Any:
    """A whole text completion."""
    given = {"model_parameters": ModelParameters(**parameters)} if parameters else {}
    return json.loads(_client(url, key).completions().create(account_id="acc1", **more, **given).json())


def complete_stream(url: str, key: str, **more: Any) -> Any:
    """The frames of a text completion."""
    frames = _client(url, key).completions().stream(account_id="acc1", **more)
    return [json.loads(frame.json()) for frame in frames]
