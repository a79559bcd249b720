"""An evaluation in Maitai's words."""

from collections.abc import Mapping

from parley.core.asks import Json

SEVERITIES = ("debug", "info", "warning", "error", "fatal")
"""Maitai counts them from 0."""


def evaluate_response(evaluation: Mapping[str, Json], session_id: str, request_id: str) -> dict[str, Json]:
    """What the client's callback is given, from the evaluation as the union surface has it (`results` and all)."""
    results = evaluation.get("results") or ()
    return {
        "application_id": None,
        "session_id": session_id,
        "request_id": request_id,
        "evaluation_request_id": f"eval-{request_id}",
        "evaluation_results": [_result(place, result, evaluation) for place, result in enumerate(results, 1)],
        "evaluate_summary": None,
        "evaluation_time": _whole(evaluation.get("ms")),
        "correction": None,
        "meta": {"status": evaluation.get("status")},
    }


def _result(place: int, result: Mapping[str, Json], evaluation: Mapping[str, Json]) -> dict[str, Json]:
    severity = result.get("severity")
    return {
        "id": place,
        "status": result.get("status"),
        "description": result.get("description") or "",
        "confidence": float(result.get("confidence") or 0),
        "correction": result.get("correction"),
        "sentinel_id": place,
        "sentinel_name": result.get("sentinel") or result.get("name"),
        "severity": SEVERITIES.index(severity) if severity in SEVERITIES else None,
        "eval_time": _whole(result.get("ms") or result.get("time_ms")),
        "date_created": _whole(1000 * float(evaluation.get("created") or 0)),
        "meta": {},
        "usage": result.get("usage"),
    }


def _whole(value: Json) -> int | None:
    return None if value is None else round(value)
