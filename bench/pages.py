"""How fast pages come: `python -m bench.pages`.

1,100 episodes; an episode, the list, a page deep in it and the feed, each rendered anew, kept by
the site, and behind nginx; a search, rendered anew; from 1, 16 and 64 connections, with gzip and
without. Beside them stand two ceilings of the same run: a Django view that does nothing, in the
same process under the same middleware (`/sante/vivant`), and nginx with the same bytes as a file.
Wants `wrk` and `nginx`.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import django
import httpx
import psutil
from django.db import connection

from bench.stack import Stack, answers, stack, wait_until
from bench.wrk import Measured, measure
from sandbox import nginx
from sandbox.ports import free_ports

EPISODES = 1100
CONNECTIONS = (1, 16, 64)
ENCODINGS = ("", "gzip")
EMPTY_VIEW = "/sante/vivant"
# The demonstration's episode with everything on it: video, sound, transcript, chapters, portraits,
# corrections, neighbours and kin among 1,100.
FULL = "/emissions/qui-garde-les-gardiens"
# Answered for each reader anew, everywhere; over 17 million words: `bench.search`.
SEARCH = {"recherche": "/recherche?q=police"}
# What is asked of an episode's page.
RENDERED_CPU_MS, KEPT_SHARE, NGINX_SHARE = 4.0, 0.60, 0.80


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is measured: the page, the way that it takes, from how many connections."""

    page: str
    way: str
    connections: int
    encoding: str


Results = dict[Case, Measured]


def run(seconds: int) -> Results:
    """All measurements, each `seconds` long."""
    results: Results = {}
    with tempfile.TemporaryDirectory(prefix="auposte-bench-") as name, stack(Path(name)) as bench:
        Path(name).chmod(0o755)
        print(f"Préparation de {EPISODES} émissions…")
        bench.manage("seed_demo", "--episodes", str(EPISODES))
        django.setup()
        # PostgreSQL does that by itself, a minute later.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        pages = _pages()
        with bench.web(PAGES_KEPT="false") as web:
            _measure_all(results, bench, pages | SEARCH, "rendue", web, seconds)
        with bench.web(PAGES_KEPT="true", TRUST_PROXY="true") as web:
            _measure_all(results, bench, pages, "gardée", web, seconds)
            _measure_all(results, bench, {EMPTY_VIEW: EMPTY_VIEW}, "vue vide", web, seconds)
            if nginx.PROGRAM:
                _measure_behind_nginx(results, bench, pages, seconds)
    return results


def _pages() -> dict[str, str]:
    return {
        "émission": FULL,
        "liste": "/emissions",
        "page profonde": "/emissions?page=40",
        "flux": "/flux/emissions.xml",
    }


def _measure_all(
    results: Results,
    bench: Stack,
    pages: dict[str, str],
    way: str,
    server: subprocess.Popen[bytes],
    seconds: int,
    site: str = "",
) -> None:
    site = site or bench.site_url
    wait_until(lambda: answers(f"{site}/"), site, 30)
    postgres = bench.services.postgres.process
    assert postgres  # it runs as long as the bench
    spending = {"server": psutil.Process(server.pid), "database": psutil.Process(postgres.pid)}
    for page, path in pages.items():
        # Each process has its first visits, which read templates and connect.
        measure(site + path, connections=8, seconds=1, encoding="gzip", **spending)
        for encoding in ENCODINGS:
            for connections in CONNECTIONS:
                case = Case(page=page, way=way, connections=connections, encoding=encoding)
                results[case] = measure(
                    site + path,
                    connections=connections,
                    seconds=seconds,
                    encoding=encoding,
                    **spending,
                )
                print(_row(case, results[case]))


def _measure_behind_nginx(
    results: Results, bench: Stack, pages: dict[str, str], seconds: int
) -> None:
    folder = bench.folder / "nginx"
    files = folder / "srv" / "static"
    files.mkdir(parents=True)
    (folder / "tmp").mkdir()
    names = {}
    for page, path in pages.items():
        body = httpx.get(bench.site_url + path).content
        file = files / f"{len(names)}.html"
        file.write_bytes(body)
        file.with_suffix(".html.gz").write_bytes(gzip.compress(body, compresslevel=6))
        names[page] = f"/static/{file.name}"
    port, upstream = free_ports(), int(bench.site_url.rpartition(":")[2])
    command, _ = nginx.adapted(folder, name="bench", port=port, upstream_port=upstream)
    server = subprocess.Popen(command)
    try:
        site = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{site}/sante/nginx"), "nginx", 30)
        _measure_all(results, bench, pages, "nginx", server, seconds, site)
        _measure_all(results, bench, names, "fichier", server, seconds, site)
    finally:
        server.terminate()
        server.wait()


def _row(case: Case, found: Measured) -> str:
    return (
        f"  {case.page:14} {case.way:9} {case.connections:3} {case.encoding or '-':5}"
        f" {found.rate:9.0f}/s {found.median_ms:8.2f} ms {found.p99_ms:8.2f} ms"
        f" {found.cpu_ms:8.3f} ms {found.database_ms:6.3f} ms"
    )


def print_ratios(results: Results) -> None:
    """Each way beside its ceiling: requests a second, same connections, same encoding."""
    print("  page           façon     conn. enc.    du plafond")
    for case, found in results.items():
        ceiling = {"nginx": "fichier", "rendue": "vue vide", "gardée": "vue vide"}.get(case.way)
        if ceiling is None:
            continue
        page = case.page if ceiling == "fichier" else EMPTY_VIEW
        best = results[replace(case, page=page, way=ceiling)]
        print(
            f"  {case.page:14} {case.way:9} {case.connections:3} {case.encoding or '-':5}"
            f" {found.rate / best.rate:9.1%} ({ceiling})"
        )


def judge(results: Results) -> bool:
    """Tell how an episode's page stands against what is asked; whether all of it holds."""

    def rate(way: str, encoding: str, page: str = "émission") -> float:
        return results[Case(page=page, way=way, connections=16, encoding=encoding)].rate

    rendered = results[Case(page="émission", way="rendue", connections=1, encoding="")]
    spent = f"{rendered.cpu_ms:.2f} ms (et PostgreSQL {rendered.database_ms:.2f} ms)"
    kept = rate("gardée", "gzip") / rate("vue vide", "gzip", EMPTY_VIEW)
    facts = [
        ("processeur d’une émission rendue", spent, rendered.cpu_ms <= RENDERED_CPU_MS),
        ("gardée, de la vue vide", f"{kept:.0%}", kept >= KEPT_SHARE),
    ]
    if nginx.PROGRAM:
        behind = rate("nginx", "gzip") / rate("fichier", "gzip")
        facts.append(("derrière nginx, du fichier", f"{behind:.0%}", behind >= NGINX_SHARE))
    else:
        print("  derrière nginx : pas mesuré, il manque nginx (Debian, Ubuntu : apt install).")
    for name, value, holds in facts:
        print(f"  {name} : {value} {'✓' if holds else '✗'}")
    return all(holds for _, _, holds in facts)


def main() -> None:
    parser = argparse.ArgumentParser(description="La vitesse des pages.")
    parser.add_argument("--seconds", type=int, default=3, help="durée de chaque mesure")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        raise SystemExit("Il manque wrk (Debian, Ubuntu : apt install).")
    print(
        "  page           façon     conn. enc.    par seconde    médiane      99e c.    proc."
        "  PostgreSQL"
    )
    results = run(options.seconds)
    print_ratios(results)
    held = judge(results)
    print("Tenu." if held else "Pas tenu.")
    raise SystemExit(0 if held else 1)


if __name__ == "__main__":
    main()
