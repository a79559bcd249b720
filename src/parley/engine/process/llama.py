"""The few functions of llama.cpp's C library that xllamacpp does not offer, called on its own shared object.

llama.cpp's parameter structs change between releases, so xllamacpp is pinned and `check` compares the defaults with
what this file was written for (llama.h of build 11549, xllamacpp 2026.10.11549).
"""

import ctypes
from ctypes import POINTER, Structure, c_bool, c_char_p, c_float, c_int8, c_int32, c_size_t, c_ubyte, c_void_p
from pathlib import Path

import xllamacpp

VOCAB_ONLY = 72  # offset of llama_model_params.vocab_only
DEFAULTS_72 = b"\x00\x00\x01\x00\x00"  # vocab_only, check_tensors, use_extra_bufts, no_host, no_alloc
EXTRA_BUFFERS = 74  # offset of llama_model_params.use_extra_bufts
CONTEXT_FIELDS = {
    "n_ctx": (0, 512),
    "n_batch": (4, 2048),
    "n_ubatch": (8, 512),
    "n_seq_max": (12, 1),
    "n_outputs_max_per_seq": (24, 1),
    "n_threads": (28, 4),
    "n_threads_batch": (32, 4),
    "flash_attn_type": (52, -1),
    "type_k": (104, 1),
    "type_v": (108, 1),
}
"""Offset in llama_context_params, and default of the fields that are set or tell the version."""
F32 = 0  # ggml_type
OFF = 0  # llama_flash_attn_type
UNKNOWN = "This xllamacpp is not the version that Parley pins; reinstall its requirements."


class ModelParams(Structure):
    """llama_model_params, opaque; larger than any known version, which is harmless where structs pass by memory."""

    _fields_ = (("bytes", c_ubyte * 256),)


class ContextParams(Structure):
    """llama_context_params, opaque like ModelParams."""

    _fields_ = (("bytes", c_ubyte * 512),)


class Batch(Structure):
    """llama_batch: tokens with their positions, sequences, and whether their logits are kept."""

    _fields_ = (
        ("n_tokens", c_int32),
        ("token", POINTER(c_int32)),
        ("embd", c_void_p),
        ("pos", POINTER(c_int32)),
        ("n_seq_id", POINTER(c_int32)),
        ("seq_id", POINTER(POINTER(c_int32))),
        ("logits", POINTER(c_int8)),
    )


SIGNATURES = (
    ("llama_log_set", None, (c_void_p, c_void_p)),
    ("llama_model_default_params", ModelParams, ()),
    ("llama_model_load_from_file", c_void_p, (c_char_p, ModelParams)),
    ("llama_model_free", None, (c_void_p,)),
    ("llama_model_get_vocab", c_void_p, (c_void_p,)),
    ("llama_model_chat_template", c_char_p, (c_void_p, c_char_p)),
    ("llama_vocab_n_tokens", c_int32, (c_void_p,)),
    ("llama_vocab_get_attr", c_int32, (c_void_p, c_int32)),
    ("llama_vocab_get_text", c_char_p, (c_void_p, c_int32)),
    ("llama_vocab_get_add_bos", c_bool, (c_void_p,)),
    ("llama_vocab_bos", c_int32, (c_void_p,)),
    ("llama_vocab_eos", c_int32, (c_void_p,)),
    ("llama_tokenize", c_int32, (c_void_p, c_char_p, c_int32, POINTER(c_int32), c_int32, c_bool, c_bool)),
    ("llama_context_default_params", ContextParams, ()),
    ("llama_init_from_model", c_void_p, (c_void_p, ContextParams)),
    ("llama_free", None, (c_void_p,)),
    ("llama_get_memory", c_void_p, (c_void_p,)),
    ("llama_memory_clear", None, (c_void_p, c_bool)),
    ("llama_adapter_lora_init", c_void_p, (c_void_p, c_char_p)),
    ("llama_set_adapters_lora", c_int32, (c_void_p, POINTER(c_void_p), c_size_t, POINTER(c_float))),
    ("llama_batch_init", Batch, (c_int32, c_int32, c_int32)),
    ("llama_batch_free", None, (Batch,)),
    ("llama_decode", c_int32, (c_void_p, Batch)),
    ("llama_get_logits", POINTER(c_float), (c_void_p,)),
    ("llama_token_to_piece", c_int32, (c_void_p, c_int32, c_char_p, c_int32, c_int32, c_bool)),
)


class Library(ctypes.CDLL):
    """The shared object with its signatures declared."""

    def __init__(self) -> None:
        super().__init__(str(Path(xllamacpp.__file__).with_name("xllamacpp.abi3.so")))
        for name, result, arguments in SIGNATURES:
            function = getattr(self, name)
            function.restype, function.argtypes = result, arguments

    def quiet(self) -> None:
        """Silence llama.cpp's log: any C function that ignores its arguments does as the callback."""
        self.llama_log_set(ctypes.cast(self.llama_time_us, c_void_p), None)

    def vocabulary_params(self) -> ModelParams:
        """Parameters that load the vocabulary and no weights. Raises RuntimeError for an unknown version."""
        params = self._model_params()
        params.bytes[VOCAB_ONLY] = 1
        return params

    def weights_params(self) -> ModelParams:
        """Parameters that map the weights as they are in the file. Raises RuntimeError for an unknown version."""
        params = self._model_params()
        params.bytes[EXTRA_BUFFERS] = 0  # no second copy in another layout: the page cache is shared with the server
        return params

    def context_params(self, **fields: int) -> ContextParams:
        """Parameters of a context, with fields by name. Raises RuntimeError for an unknown version."""
        params: ContextParams = self.llama_context_default_params()
        known = {name: c_int32.from_buffer(params, offset) for name, (offset, _) in CONTEXT_FIELDS.items()}
        if any(known[name].value != default for name, (_, default) in CONTEXT_FIELDS.items()):
            raise RuntimeError(UNKNOWN)
        for name, value in fields.items():
            known[name].value = value
        return params

    def _model_params(self) -> ModelParams:
        params: ModelParams = self.llama_model_default_params()
        if bytes(params.bytes)[VOCAB_ONLY : VOCAB_ONLY + 5] != DEFAULTS_72:
            raise RuntimeError(UNKNOWN)
        return params
