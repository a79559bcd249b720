"""The management API under `/api`: one file per noun, each with its operations beside what they do."""

from parley.server.api.openapi import openapi_document
from parley.server.api.operation import Operation
from parley.server.api.routes import api_routes, operations
from parley.server.api.services import ApiServices, Catalog, RequestLog

__all__ = ["ApiServices", "Catalog", "Operation", "RequestLog", "api_routes", "openapi_document", "operations"]
