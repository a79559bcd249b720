"""Other gateways, installed by `bench/peers/install` with pinned versions and started as their documents say."""

from collections.abc import Mapping

from bench.peers.litellm import litellm
from bench.peers.portkey import portkey
from bench.peers.tensorzero import tensorzero
from bench.starter import Starter

PEERS: Mapping[str, Starter] = {"litellm": litellm, "portkey": portkey, "tensorzero": tensorzero}
