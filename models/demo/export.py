"""Writes the trained network and its tokenizer as one GGUF file, weights in Q8_0."""

import json
from pathlib import Path

import gguf
from network import Llama
from tokenizers import Tokenizer
from vocabulary import CONTROL, TEMPLATE


def write(path: Path, network: Llama, tokenizer: Tokenizer) -> None:
    """Write `path`; matrices as Q8_0, norms as F32."""
    writer = gguf.GGUFWriter(path, "llama")
    describe(writer, network)
    vocabulary(writer, tokenizer)
    for name, weight in network.state_dict().items():
        data = weight.detach().float().numpy()
        if data.ndim == 2:
            packed = gguf.quants.quantize(data, gguf.GGMLQuantizationType.Q8_0)
            writer.add_tensor(name, packed, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
        else:
            writer.add_tensor(name, data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def describe(writer: gguf.GGUFWriter, network: Llama) -> None:
    """The sizes, and what this file is."""
    shape = network.shape
    writer.add_name("Parley demo")
    writer.add_description("A tiny model that knows a little about Parley and nothing else; made by models/demo.")
    writer.add_license("apache-2.0")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.head)
    writer.add_rope_freq_base(shape.rope)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)


def vocabulary(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    """Tokens, merges, control tokens and the chat template."""
    model = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL if token in CONTROL else gguf.TokenType.NORMAL for token in tokens])
    writer.add_token_merges([" ".join(pair) if isinstance(pair, list) else pair for pair in model["merges"]])
    writer.add_eos_token_id(tokenizer.token_to_id("<|end|>"))
    writer.add_bos_token_id(tokenizer.token_to_id("<|end|>"))
    writer.add_pad_token_id(tokenizer.token_to_id("<|end|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
