"""The few functions of llama.cpp's C library that xllamacpp does not offer, called on its own shared object.

llama.cpp's parameter structs change between releases, so xllamacpp is pinned and `check` compares the defaults with
what this file was written for (llama.h of build 11549, xllamacpp 2026.10.11549).
"""

import ctypes
from ctypes import POINTER, Structure, c_bool, c_char_p, c_int32, c_ubyte, c_void_p
from pathlib import Path

import xllamacpp

VOCAB_ONLY = 72  # offset of llama_model_params.vocab_only
DEFAULTS_72 = b"\x00\x00\x01\x00\x00"  # vocab_only, check_tensors, use_extra_bufts, no_host, no_alloc


class ModelParams(Structure):
    """llama_model_params, opaque; larger than any known version, which is harmless where structs pass by memory."""

    _fields_ = (("bytes", c_ubyte * 256),)


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
        params: ModelParams = self.llama_model_default_params()
        if bytes(params.bytes)[VOCAB_ONLY : VOCAB_ONLY + 5] != DEFAULTS_72:
            raise RuntimeError("This xllamacpp is not the version that Parley pins; reinstall its requirements.")
        params.bytes[VOCAB_ONLY] = 1
        return params
