"""Where AWS credentials come from, in the words of a provider's `api_key`.

    nothing                      the environment, else the shared files
    AKIA...:secret[:token]       these
    aws:environment              AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
    aws:profile or aws:profile/x the shared credentials and config files
    aws:container                ECS and EKS; asks an address inside the container's network
    aws:instance                 EC2; asks the instance's metadata service (IMDSv2)
    aws:web-identity             a token file exchanged at STS (EKS, CI)

The last three ask the network, so none of them is tried unless it is named.
"""

from collections.abc import Callable, Mapping

from parley.providers.bedrock.container import Container
from parley.providers.bedrock.instance import Instance
from parley.providers.bedrock.local import Environment, FirstOf, Profile, Static
from parley.providers.bedrock.signature import Credentials
from parley.providers.bedrock.source import Source
from parley.providers.bedrock.web_identity import WebIdentity

Env = Mapping[str, str]

NAMED: dict[str, Callable[[Env, str], Source]] = {
    "environment": lambda env, _: Environment(env),
    "profile": Profile,
    "container": lambda env, _: Container(env),
    "instance": lambda env, _: Instance(env),
    "web-identity": lambda env, _: WebIdentity(env),
}

PREFIX = "aws:"


def source_of(key: str | None, env: Env) -> Source | None:
    """The source that `key` names; None where it is a Bedrock API key, which is sent as it is.

    Raises ValueError with a sentence for a name that there is not.
    """
    if not key:
        return FirstOf((Environment(env), Profile(env, "")))
    if key.startswith(PREFIX):
        name, _, rest = key.removeprefix(PREFIX).partition("/")
        if name not in NAMED:
            known = ", ".join(f"`{PREFIX}{known}`" for known in NAMED)
            raise ValueError(f"`api_key` names no source of AWS credentials that there is; there are {known}.")
        return NAMED[name](env, rest)
    access_key, colon, rest = key.partition(":")
    if not colon:
        return None
    secret_key, _, token = rest.partition(":")
    return Static(Credentials(access_key, secret_key, token or None))
