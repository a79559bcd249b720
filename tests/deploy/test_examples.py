"""The examples of `deploy/`: they can be read, they load, and what they name fits together."""

from pathlib import Path
from typing import Any

import yaml

import parley
from parley.settings import Settings, load
from tests.house.tree import ROOT

DEPLOY = ROOT / "deploy"
ENVIRONMENT = {"VLLM_API_KEY": "sk-v", "PGPASSWORD": "secret"}


def compose() -> dict[str, Any]:
    """The services by name."""
    services: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return services


def kubernetes() -> dict[tuple[str, str], Any]:
    """The objects by kind and name."""
    documents = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())
    return {(document["kind"], document["metadata"]["name"]): document for document in documents}


def settings() -> Settings:
    """What `deploy/gateway.toml` says."""
    return load(DEPLOY / "gateway.toml", ENVIRONMENT)


def test_the_configuration_loads_and_names_the_services_of_both() -> None:
    upstream, store = settings().providers["cluster"].base_url or "", settings().store.url or ""
    assert settings().models["assistant"].fallback == ["demo"]
    for host, address in (("vllm", upstream), ("postgres", store)):
        assert host in address.partition("://")[2]
        assert host in compose()
        assert ("Service", host) in kubernetes()


def test_kubernetes_has_the_same_configuration(tmp_path: Path) -> None:
    told = kubernetes()["ConfigMap", "parley"]["data"]["parley.toml"]
    assert told == (DEPLOY / "gateway.toml").read_text()


def test_vllm_serves_the_model_that_parley_asks_for_and_the_defaults_of_the_engine() -> None:
    container = kubernetes()["Deployment", "vllm"]["spec"]["template"]["spec"]["containers"][0]
    for arguments in (compose()["vllm"]["command"], container["args"]):
        assert arguments[arguments.index("--model") + 1] == settings().models["assistant"].upstream
        assert arguments[arguments.index("--generation-config") + 1] == "vllm"


def test_every_secret_comes_from_outside() -> None:
    given = [value for service in compose().values() for value in service["environment"].items()]
    secret = [value for name, value in given if "KEY" in name or "PASSWORD" in name]
    assert len(secret) == 5 and all(value.startswith("${") and value.endswith(":?}") for value in secret)
    for (kind, _), thing in kubernetes().items():
        if kind in ("Deployment", "StatefulSet"):
            for variable in thing["spec"]["template"]["spec"]["containers"][0]["env"]:
                if "KEY" in variable["name"] or "PASSWORD" in variable["name"]:
                    assert variable["valueFrom"]["secretKeyRef"]["name"] == "parley"


def test_every_service_leads_to_a_port_that_its_pods_have() -> None:
    things = kubernetes()
    for (kind, name), service in things.items():
        if kind == "Service":
            pods = things.get(("Deployment", name)) or things["StatefulSet", name]
            assert service["spec"]["selector"] == pods["spec"]["template"]["metadata"]["labels"]
            ports = [port["name"] for port in pods["spec"]["template"]["spec"]["containers"][0]["ports"]]
            assert service["spec"]["ports"][0]["targetPort"] in ports


def test_every_volume_that_is_mounted_is_there() -> None:
    names = set(yaml.safe_load((DEPLOY / "compose.yaml").read_text())["volumes"])
    mounted = [mount.partition(":")[0] for service in compose().values() for mount in service["volumes"]]
    assert {mount for mount in mounted if not mount.startswith("./")} == names
    assert all((DEPLOY / mount).exists() for mount in mounted if mount.startswith("./"))


def test_the_image_has_what_the_repository_has_and_is_of_this_version() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    copied = [word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]]
    assert copied and all((ROOT / place).exists() for place in copied)
    image = kubernetes()["Deployment", "parley"]["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image == f"parley:{parley.__version__}"
