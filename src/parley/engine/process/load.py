"""Turns a model's settings into a running llama.cpp server, or into one sentence that says why not."""

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import xllamacpp
from jinja2 import Template
from msgspec import Struct, field

from parley.engine import gguf_file
from parley.engine.gguf_file import BrokenFile, GgufFile
from parley.engine.process.admission import Admission
from parley.engine.process.generate import Server
from parley.engine.process.llama import Library
from parley.engine.process.reading import Reading
from parley.engine.process.scorer import Scorer
from parley.engine.process.templates import PLAIN, compiled
from parley.engine.process.tokens import Vocabulary
from parley.engine.settings import EngineSettings, ModelSettings

CONTEXT = 8192  # tokens per conversation unless the settings say more
SLOTS = (8, 4, 2)  # the most whose cache fits into CACHE
CACHE = 1 << 30  # bytes of keys and values for all slots together
SMALLEST_BATCH, LARGEST_BATCH = 32, 512
BATCH_WORK = 2_500_000_000  # bytes of weights times tokens that take about 30 ms on two cores


class Model(Struct, frozen=True, kw_only=True):
    """A loaded model with everything that answers from it."""

    name: str
    file: GgufFile
    vocabulary: Vocabulary
    server: Server
    template: Template
    adapters: tuple[str, ...]  # names, in the order of their ids
    context: int  # tokens per conversation
    slots: int
    embeds: bool  # an encoder: it has vectors and no answers
    width: int  # numbers in a vector
    admission: Admission
    threads: ThreadPoolExecutor
    reading: Reading
    proven: dict[bytes, None] = field(default_factory=dict)  # schemas whose constraint is known to hold

    def close(self) -> None:
        """Free what is outside Python; nothing may run on it."""
        self.threads.shutdown(wait=False)
        self.reading.close()
        self.vocabulary.close()


def load(name: str, settings: ModelSettings, engine: EngineSettings, library: Library) -> Model:
    """Load the file and its adapters; blocks. Raises BrokenFile with a sentence."""
    file = gguf_file.read(settings.file)
    for adapter, path in settings.adapters.items():
        check_adapter(adapter, gguf_file.read(Path(path)), name, file)
    embeds = file.fact("pooling_type") is not None
    context = context_of(file, settings)
    slots = settings.slots or (1 if embeds else slots_of(file, context))
    try:
        template = compiled(settings.chat_template) if settings.chat_template is not None else None
        vocabulary = Vocabulary(library, file.path)
        vocabulary.sentence("a")  # a damaged vocabulary crashes here, where it is known whose it is
        template = template or compiled(vocabulary.chat_template or PLAIN)
    except Exception as error:
        raise BrokenFile(f"The model {name} can not be used: {error}") from None
    cores = engine.threads or len(os.sched_getaffinity(0))
    server = start(file, settings, cores=cores, context=context, slots=slots)
    library.quiet()
    return Model(
        name=name,
        file=file,
        vocabulary=vocabulary,
        server=server,
        template=template,
        adapters=tuple(settings.adapters),
        context=context,
        slots=slots,
        embeds=embeds,
        width=int(file.fact("embedding_length", 0)),
        admission=Admission(slots, engine.waiting, engine.patience),
        threads=ThreadPoolExecutor(slots, thread_name_prefix=name),
        reading=Reading(
            lambda: Scorer(library, file.path, list(settings.adapters.values()), threads=cores, batch=batch_of(file)),
            Admission(1, engine.waiting, engine.patience),
        ),
    )


def start(file: GgufFile, settings: ModelSettings, *, cores: int, context: int, slots: int) -> xllamacpp.Server:
    """llama.cpp itself, with no TCP port and no page. Raises BrokenFile."""
    params = xllamacpp.CommonParams()
    params.model.path = str(file.path)
    params.n_parallel, params.n_ctx = slots, slots * context
    params.cpuparams.n_threads = max(1, cores - 1)  # one token at a time gains little from the core that others need
    params.cpuparams_batch.n_threads = cores
    params.verbosity = -1
    params.hostnames = [tempfile.mkdtemp(prefix="parley-") + "/llama.sock"]  # the suffix makes it a unix socket
    params.ui = params.endpoint_slots = params.endpoint_props = False
    params.n_threads_http = 1
    params.cache_ram_mib = 0  # the cache in RAM mixes answers of different adapters (llama.cpp #26207)
    params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(path, 0.0) for path in settings.adapters.values()]
    if file.fact("pooling_type") is not None:
        params.embedding = True
        params.n_batch = params.n_ubatch = context
    else:
        params.n_batch = params.n_ubatch = batch_of(file)
    try:
        return xllamacpp.Server(params)
    except Exception:
        architecture = file.architecture or "unknown"
        sentence = f"llama.cpp can not load {file.path} (architecture {architecture}); its log says why."
        raise BrokenFile(sentence) from None
    finally:
        forget(Path(params.hostnames[0]))


def forget(socket: Path) -> None:
    """Remove llama.cpp's own socket: it is called in this process, never through its listener."""
    socket.unlink(missing_ok=True)
    socket.parent.rmdir()


def check_adapter(adapter: str, file: GgufFile, name: str, model: GgufFile) -> None:
    """Raises BrokenFile unless the file is a LoRA adapter made for the model."""
    if file.metadata.get("general.type") != "adapter" or file.metadata.get("adapter.type") != "lora":
        raise BrokenFile(f"{file.path} is not a LoRA adapter; the adapter {adapter} of {name} needs one.")
    if file.architecture != model.architecture:
        kinds = f"it is made for {file.architecture}, the model is {model.architecture}"
        raise BrokenFile(f"{file.path} is an adapter for another model: {kinds}.")
    for tensor, shape in file.tensors.items():
        base, _, half = tensor.rpartition(".")
        if half not in ("lora_a", "lora_b"):
            continue
        target = model.tensors.get(base)
        at = (0, 0) if half == "lora_a" else (1, 1)
        if target is None or shape[at[0]] != target[at[1]]:
            raise BrokenFile(f"{file.path} is an adapter for another model: {base} does not fit.")


def context_of(file: GgufFile, settings: ModelSettings) -> int:
    """Tokens per conversation: as set, else the model's own up to CONTEXT."""
    trained = int(file.fact("context_length", CONTEXT))
    return settings.context or min(trained, CONTEXT)


def slots_of(file: GgufFile, context: int) -> int:
    """As many slots as have room for their keys and values (float16)."""
    heads = file.fact("attention.head_count", 1)
    kv_heads = file.fact("attention.head_count_kv", heads)
    if not isinstance(heads, int) or not isinstance(kv_heads, int):
        return SLOTS[-1]  # heads differ by layer
    head = int(file.fact("attention.key_length", int(file.fact("embedding_length", 0)) // heads))
    each = 2 * 2 * int(file.fact("block_count", 0)) * kv_heads * head * context
    return next((slots for slots in SLOTS if slots * each <= CACHE), 1)


def batch_of(file: GgufFile) -> int:
    """Tokens of a prompt between two chances to cancel: about 30 ms of work."""
    return max(SMALLEST_BATCH, min(LARGEST_BATCH, BATCH_WORK // max(1, file.size) // 16 * 16))
