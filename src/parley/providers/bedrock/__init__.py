"""Amazon Bedrock: its Converse API, its signatures and the places where its credentials come from."""

from parley.providers.bedrock.provider import Bedrock

__all__ = ["Bedrock"]
