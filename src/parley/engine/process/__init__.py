"""What runs inside the engine's own process: OpenAI's HTTP dialect in front of llama.cpp."""
