"""The supplier: finds a GGUF file on a model hub by name and fetches it whole, checked, in as many goes as it takes.

It speaks Hugging Face's paths (huggingface.co/docs/hub/api, read 2026-11-21), which other hubs and mirrors serve too.
"""

from parley.hub.client import ENDPOINT, Hub
from parley.hub.download import fetch
from parley.hub.errors import HubError
from parley.hub.files import HubFile, Variant, choose, variants
from parley.hub.names import Wanted, read_name

__all__ = ["ENDPOINT", "Hub", "HubError", "HubFile", "Variant", "Wanted", "choose", "fetch", "read_name", "variants"]
