"""Models whose names the world knows need no row of their own, and the list of models says what is known of each."""

from pathlib import Path

from tests.flow.asking import ask, chat, get
from tests.flow.conftest import SECRET
from tests.flow.gateway import Gateway
from tests.flow.stage import Stage, said
from tests.scripted import json_answer

CONFIG = """
[engine.models]
[providers.openai]
base_url = "{url}"
api_key = "{secret}"
[providers.groq]
base_url = "{url}"
api_key = "{secret}"
[models.mine]
provider = "openai"
upstream = "gpt-4o-mini"
context = 5000
"""


async def test_a_known_name_goes_to_who_serves_it_and_is_listed_with_what_is_known(
    stage: Stage, tmp_path: Path
) -> None:
    with Gateway(tmp_path, CONFIG.format(url=stage.url, secret=SECRET)) as gateway:
        for name, upstream in (("gpt-4", "gpt-4"), ("llama-3-70b-instruct", "llama3-70b-8192")):
            async with stage.says(json_answer(said())) as seen:
                given = await ask(gateway, chat(name))
            assert (given.status, seen.requests[0].json["model"]) == (200, upstream)
        refused = await ask(gateway, chat("claude-3-haiku-20240307"))
        assert (refused.status, refused.json["error"]["code"]) == (404, "model_not_found")

        models = {one["id"]: one for one in (await get(gateway, "/v1/models")).json["data"]}
        assert models["gpt-4"]["context_length"] == 8192
        assert models["gpt-4"]["pricing"]["prompt"] > 0
        assert (models["mine"]["context_length"], models["mine"]["owned_by"]) == (5000, "openai")
        assert models["mine"]["state"] == "available"
        assert {"chat", "tools", "json_schema"} <= set(models["mine"]["capabilities"])
        assert (await get(gateway, "/v1/models/gpt-4")).json == models["gpt-4"]
