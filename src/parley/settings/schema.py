"""Every key of `parley.toml`, with its type, its default and one sentence each.

The sentences are the reference: `docs/reference/settings.md` is generated from them.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from parley.settings.secrets import Secret
from parley.wire.http import Proxies

Seconds = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(ge=1)]


class ServerSection(Struct, frozen=True, kw_only=True):
    """Where Parley listens, and what it takes."""

    host: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes a free one.")] = 8700
    custom_hosts: Annotated[
        list[str], Meta(description="Hosts that a request may name as its own upstream; empty: none.")
    ] = field(default_factory=list)
    max_body: Annotated[str, Meta(description="Largest request body, as `32MB` or a number of bytes; larger: 413.")] = (
        "32MB"
    )
    grace: Annotated[Seconds, Meta(description="Seconds that running requests get to finish at SIGTERM.")] = 20.0
    timeout: Annotated[Seconds, Meta(description="Seconds a whole request may take, whatever its upstream allows.")] = (
        900.0
    )
    max_concurrent: Annotated[Count, Meta(description="Requests in work at once per worker; more: 503.")] = 4096
    ping: Annotated[Seconds, Meta(description="Seconds of silence in a stream before a comment ping is sent.")] = 15.0


class StoreSection(Struct, frozen=True, kw_only=True):
    """Where the ledger, keys and configuration are kept."""

    url: Annotated[
        str | None,
        Meta(description="`sqlite:///file` or `postgresql://user@host/db`; default: `parley.db` in the data."),
    ] = None
    durability: Annotated[
        Literal["commit", "async"],
        Meta(description="`commit`: recorded before the last byte; `async`: bounded queue, drops are counted."),
    ] = "commit"
    content: Annotated[bool, Meta(description="Keep messages and answers in the ledger.")] = True


class ProviderSection(Struct, frozen=True, kw_only=True):
    """An upstream: dialect, address, key. A known name (see `docs/reference/providers.md`) needs only a key."""

    dialect: Annotated[
        str | None, Meta(description="The protocol it speaks; default: that of the known provider of this name.")
    ] = None
    base_url: Annotated[str | None, Meta(description="Its address, with the path before `/chat/completions`.")] = None
    api_key: Annotated[
        Secret | None, Meta(description="`env:NAME`, `file:PATH` or the key itself; default: the provider's variable.")
    ] = None
    api_version: Annotated[str | None, Meta(description="The API version, where the provider has one.")] = None
    headers: Annotated[dict[str, str], Meta(description="Further headers to send.")] = field(default_factory=dict)
    timeout: Annotated[Seconds, Meta(description="Seconds for the whole call.")] = 600.0
    connect_timeout: Annotated[Seconds, Meta(description="Seconds to connect.")] = 5.0
    first_token_timeout: Annotated[Seconds, Meta(description="Seconds until the first byte of the answer.")] = 300.0
    idle_timeout: Annotated[Seconds, Meta(description="Seconds between two pieces of a stream.")] = 120.0
    max_connections: Annotated[Count, Meta(description="Connections to this upstream per worker.")] = 1024


class ModelSection(Struct, frozen=True, kw_only=True):
    """A model under the name that clients use."""

    provider: Annotated[str, Meta(description="A provider of this file.")]
    upstream: Annotated[str | None, Meta(description="The name at the provider; default: the same.")] = None
    fallback: Annotated[list[str], Meta(description="Models to try, in order, when this one fails.")] = field(
        default_factory=list
    )
    context: Annotated[
        Count | None, Meta(description="Tokens it can hold; prompts that surely do not fit go to the next model.")
    ] = None
    retries: Annotated[
        int, Meta(ge=0, le=5, description="How often it is asked again, after a pause, before the next model is.")
    ] = 0
    timeout: Annotated[
        Seconds | None,
        Meta(description="Seconds until it answers (a stream: its first token); default: the provider's."),
    ] = None
    continue_on_cut: Annotated[
        bool, Meta(description="When its stream is cut, the next model goes on with the text that was given.")
    ] = False


class EngineModel(Struct, frozen=True, kw_only=True):
    """A model inside Parley."""

    path: Annotated[str, Meta(description="`builtin:demo` or a .gguf file; relative to the folder of this file.")]
    adapters: Annotated[
        dict[str, str], Meta(description="LoRA adapters (.gguf files, as `path`) by name, chosen by `peft`.")
    ] = field(default_factory=dict)
    chat_template: Annotated[str | None, Meta(description="A Jinja template instead of the file's own.")] = None
    context: Annotated[
        Count | None, Meta(description="Tokens per conversation; default: the model's, at most 8192.")
    ] = None
    slots: Annotated[Count | None, Meta(description="Requests answered at once.")] = None
    load: Annotated[
        Literal["start", "use"], Meta(description="When the file is loaded: at the start, or by the first request.")
    ] = "start"
    idle: Annotated[
        Seconds | None, Meta(description="Seconds without a request before it is unloaded; unset: never.")
    ] = None


class EngineSection(Struct, frozen=True, kw_only=True):
    """The engine inside Parley."""

    models: Annotated[dict[str, EngineModel], Meta(description="Models by the name that clients use.")] = field(
        default_factory=lambda: {"demo": EngineModel(path="builtin:demo")}
    )
    threads: Annotated[Count | None, Meta(description="CPU threads; unset: as many as there are cores.")] = None
    waiting: Annotated[int, Meta(ge=0, description="Requests that may wait for a slot of one model; more: 503.")] = 256
    patience: Annotated[Seconds, Meta(description="Seconds that a request waits for a slot; longer: 503.")] = 60.0


class EmbeddingsSection(Struct, frozen=True, kw_only=True):
    """Which model turns text into vectors."""

    model: Annotated[str, Meta(description="Any model of this file that embeds.")]


class CacheSection(Struct, frozen=True, kw_only=True):
    """How much the cache keeps; whether a request uses it is settled by its intent, application or routing config."""

    entries: Annotated[Count, Meta(description="Answers kept at most; beyond, what was used least goes.")] = 100_000
    size: Annotated[str, Meta(description="Bytes that all kept answers take at most, as `1GB`.")] = "1GB"
    memory: Annotated[str, Meta(description="Bytes of answers that each worker holds in memory too.")] = "64MB"
    answer: Annotated[str, Meta(description="Bytes of an answer; larger ones are not kept.")] = "1MB"
    max_age: Annotated[
        int, Meta(ge=60, le=7_776_000, description="Seconds that an answer is kept where nobody says otherwise.")
    ] = 604_800
    confirm: Annotated[
        str | None,
        Meta(description="A model that has to agree before an answer is given to the same question in other words."),
    ] = None


class MemorySection(Struct, frozen=True, kw_only=True):
    """What is remembered of users; what they say is only learnt where a model is named."""

    model: Annotated[
        str | None,
        Meta(description="Any model of this file: finds facts in what users say, and sums up conversations."),
    ] = None
    budget: Annotated[Count, Meta(description="Tokens that what is known of a user may take in a prompt.")] = 600


class ContextSection(Struct, frozen=True, kw_only=True):
    """Documents that answers draw on, where `context_retrieval_enabled` asks for them."""

    max_document: Annotated[str, Meta(description="Largest document, as `20MB` or a number of bytes; larger: 413.")] = (
        "20MB"
    )
    max_chunks: Annotated[Count, Meta(description="Passages of an application's documents together.")] = 100_000
    parts: Annotated[int, Meta(ge=1, le=50, description="Passages that a request is given at most.")] = 5
    max_tokens: Annotated[Count, Meta(description="Tokens that these may take together, about.")] = 1500
    threshold: Annotated[
        float, Meta(ge=0, le=1, description="How well a passage has to apply to the question, from 0 to 1.")
    ] = 0.35
    query_model: Annotated[
        str | None,
        Meta(description="A model that makes a conversation's last question stand alone; unset: by rule."),
    ] = None


class ApplicationSection(Struct, frozen=True, kw_only=True):
    """An application's defaults and its intents; the same keys as `/api/applications` takes."""

    defaults: Annotated[dict[str, Any], Meta(description="What requests of the application leave out.")] = field(
        default_factory=dict
    )
    intents: Annotated[dict[str, dict[str, Any]], Meta(description="Intents by name, with what each settles.")] = field(
        default_factory=dict
    )


class ReceiptsSection(Struct, frozen=True, kw_only=True):
    """Receipts, which prove what was asked and answered, byte for byte."""

    enabled: Annotated[
        bool, Meta(description="Keep a receipt with each answered request; signatures are made when asked for.")
    ] = True


class TracingSection(Struct, frozen=True, kw_only=True):
    """Where the spans of requests are sent besides the ledger."""

    otlp_endpoint: Annotated[
        str | None,
        Meta(description="OTLP over HTTP: `https://host:4318`, or with the path `/v1/traces`; unset: nowhere."),
    ] = None
    otlp_headers: Annotated[
        dict[str, Secret], Meta(description="Headers to send there; values as `env:NAME`, `file:PATH` or themselves.")
    ] = field(default_factory=dict)


class Settings(Struct, frozen=True, kw_only=True):
    """The whole file. Every key has a default."""

    server: ServerSection = ServerSection()
    store: StoreSection = StoreSection()
    providers: dict[str, ProviderSection] = field(default_factory=dict)
    models: dict[str, ModelSection] = field(default_factory=dict)
    engine: EngineSection = EngineSection()
    embeddings: EmbeddingsSection | None = None
    cache: CacheSection = CacheSection()
    memory: MemorySection = MemorySection()
    context: ContextSection = ContextSection()
    receipts: ReceiptsSection = ReceiptsSection()
    tracing: TracingSection = TracingSection()
    applications: dict[str, ApplicationSection] = field(default_factory=dict)
    routes: dict[str, dict[str, Any]] = field(default_factory=dict)

    # Not keys of the file.
    data: str = "parley-data"  # --data or PARLEY_DATA
    proxies: Proxies = Proxies()  # HTTP_PROXY, HTTPS_PROXY, NO_PROXY
