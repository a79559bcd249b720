"""Reads prompts and keeps the log-probability of every token: llama.cpp's C library on the weights that it has mapped.

xllamacpp has no such call. The keys and values are float32 here, so that the figures are those of the model and not of
a cache's rounding; nothing is kept between two prompts.
"""

import ctypes
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from parley.engine.process.llama import F32, OFF, Library

Floats = NDArray[np.float32]
SMALLEST = 512  # tokens of a context
ROOM = 32 << 20  # bytes of logits at once


class Scores(Struct, frozen=True):
    """Of some tokens in a row: their log-probabilities in nats, [n], and the likeliest tokens instead, [n, top]."""

    logprobs: Floats
    top: NDArray[np.int64]
    top_logprobs: Floats


class Scorer:
    """One model's second context. Its methods block, and only one thread at a time may call them."""

    def __init__(self, library: Library, path: Path, adapters: list[str], *, threads: int, batch: int) -> None:
        """Maps the weights. `batch` is the most tokens at once. Raises RuntimeError if llama.cpp does not take them."""
        self._library, self._threads = library, threads
        self._context: int | None = None
        self._size = 0
        self._model = library.llama_model_load_from_file(str(path).encode(), library.weights_params())
        if not self._model:
            raise RuntimeError(f"llama.cpp can not map {path} a second time.")
        self._vocabulary: int = library.llama_vocab_n_tokens(library.llama_model_get_vocab(self._model))
        self.batch = max(1, min(batch, ROOM // (4 * self._vocabulary)))
        self._batch = library.llama_batch_init(self.batch, 0, 1)
        self._adapters = [library.llama_adapter_lora_init(self._model, path.encode()) for path in adapters]
        if not all(self._adapters):
            raise RuntimeError("llama.cpp can not load the adapters a second time.")

    def close(self) -> None:
        """Free everything; nothing may be called afterwards."""
        if self._model:
            self._free_context()
            self._library.llama_batch_free(self._batch)
            self._library.llama_model_free(self._model)  # and its adapters with it
            self._model = None

    def begin(self, tokens: int, scales: list[float]) -> None:
        """Make ready for a prompt of so many tokens, with a scale for each adapter. Raises RuntimeError."""
        if tokens > self._size:
            self._open(max(SMALLEST, 1 << (tokens - 1).bit_length()))
        self._library.llama_memory_clear(self._library.llama_get_memory(self._context), True)
        used = [(adapter, scale) for adapter, scale in zip(self._adapters, scales, strict=True) if scale]
        handles = (ctypes.c_void_p * len(used))(*(adapter for adapter, _ in used))
        if self._library.llama_set_adapters_lora(
            self._context, handles, len(used), (ctypes.c_float * len(used))(*(scale for _, scale in used))
        ):
            raise RuntimeError("llama.cpp did not take the adapters.")

    def score(self, ids: list[int], at: int, top: int) -> Scores:
        """The scores of at most `batch` tokens after the one at `at`, everything before `at` being read already.

        Raises RuntimeError.
        """
        count = min(self.batch, len(ids) - 1 - at)
        batch = self._batch
        batch.n_tokens = count
        for place in range(count):
            batch.token[place], batch.pos[place] = ids[at + place], at + place
            batch.n_seq_id[place], batch.logits[place] = 1, 1
            batch.seq_id[place][0] = 0
        if self._library.llama_decode(self._context, batch):
            raise RuntimeError("llama.cpp could not read the prompt.")
        logits = np.ctypeslib.as_array(self._library.llama_get_logits(self._context), (count, self._vocabulary))
        return scored(logits, np.array(ids[at + 1 : at + 1 + count]), top)

    def _open(self, size: int) -> None:
        self._free_context()
        params = self._library.context_params(
            n_ctx=size,
            n_batch=self.batch,
            n_ubatch=self.batch,
            n_outputs_max_per_seq=self.batch,
            n_threads=self._threads,
            n_threads_batch=self._threads,
            flash_attn_type=OFF,
            type_k=F32,
            type_v=F32,
        )
        self._context = self._library.llama_init_from_model(self._model, params)
        if not self._context:
            raise RuntimeError("llama.cpp has no memory for another context.")
        self._size = size

    def _free_context(self) -> None:
        if self._context:
            self._library.llama_free(self._context)
        self._context, self._size = None, 0


def scored(logits: Floats, came: NDArray[np.int64], top: int) -> Scores:
    """Log-softmax of rows of logits at the tokens that came, and at the `top` likeliest."""
    most = logits.max(axis=1, keepdims=True)
    total = most[:, 0] + np.log(np.exp(logits - most).sum(axis=1, dtype=np.float64))
    logprobs = np.minimum(logits[np.arange(len(came)), came] - total, 0).astype(np.float32)
    if not top:
        return Scores(logprobs, np.empty((len(came), 0), np.int64), np.empty((len(came), 0), np.float32))
    likeliest = np.argpartition(logits, -top, axis=1)[:, -top:]
    values = np.take_along_axis(logits, likeliest, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    values = np.take_along_axis(values, order, axis=1) - total[:, None]
    return Scores(logprobs, np.take_along_axis(likeliest, order, axis=1), np.minimum(values, 0).astype(np.float32))
