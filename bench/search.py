"""How fast the archive is searched: `python -m bench.search`.

1,100 episodes with 17 million words of cues, made up: real French words where they are frequent,
invented ones in the long tail, spread as words are (Zipf). Cues go in as a sync would leave them;
passages, vectors and indexes are then built by the site's own code, on both processors.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import multiprocessing
import random
import re
import statistics
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

from bench.stack import ROOT, Stack, stack

EPISODES, WORDS = 1100, 17_000_000
WORDS_A_CUE, CUE_MS = 9, 3_500
TYPES = 60_000
PATIENCE_P95_MS = 50.0
MADE_OF = tomllib.loads((ROOT / "bench" / "search_words.toml").read_text())
TOLD = MADE_OF["told"].split()
QUESTIONS: list[str] = MADE_OF["questions"]


def vocabulary() -> tuple[list[str], list[float]]:
    """Words and their cumulated weights, the commonest first."""
    chance = random.Random(1)
    texts = " ".join(
        path.read_text() for path in sorted((ROOT / "broadcasts" / "demo").rglob("*.toml"))
    )
    seen = Counter(re.findall(r"[^\W\d_]{4,}", re.sub(r"<[^>]*>", " ", texts)))
    known = list(
        dict.fromkeys(
            [*MADE_OF["common"].split(), *TOLD, *(word for word, _ in seen.most_common())]
        )
    )
    heads, middles, tails = (MADE_OF[part].split() for part in ("heads", "middles", "tails"))
    invented: set[str] = set()
    while len(invented) < TYPES - len(known):
        syllables = (
            chance.choice(heads) + chance.choice(middles) for _ in range(chance.choice((2, 2, 3)))
        )
        invented.add("".join(syllables) + chance.choice(tails))
    words = [*known, *chance.sample(sorted(invented), len(invented))]
    return words, list(itertools.accumulate(1 / (rank + 2.7) for rank in range(len(words))))


def spoken(episodes: list[int], words_each: int) -> Iterator[tuple[int, int, int, int, str]]:
    """(transcript, position, start, end, text) of every cue."""
    words, weights = vocabulary()
    for number in episodes:
        chance = random.Random(number)
        said = chance.choices(words, cum_weights=weights, k=words_each)
        # Each speaks of something, and comes back to it.
        for _ in range(words_each // 150):
            place = chance.randrange(words_each - 2)
            said[place] = chance.choice(TOLD)
        for position, start in enumerate(range(0, words_each, WORDS_A_CUE)):
            text = " ".join(said[start : start + WORDS_A_CUE])
            end = "." if position % 3 == 2 else ""
            yield number, position, position * CUE_MS, (position + 1) * CUE_MS - 200, text + end


def fill(episodes: int, words: int) -> None:
    """Transcripts and cues of the newest episodes, by COPY."""
    from django.db import connection

    from broadcasts.models import Broadcast, Transcript

    numbers = list(Broadcast.objects.order_by("-pk").values_list("pk", flat=True)[:episodes])
    transcripts = Transcript.objects.bulk_create(
        Transcript(broadcast_id=number, origin="peertube", language="fr") for number in numbers
    )
    columns = "transcript_id, position, start_ms, end_ms, speaker, text"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY broadcasts_cue ({columns}) FROM STDIN") as copy,
    ):
        for transcript, position, start, end, text in spoken(
            [row.pk for row in transcripts], words // episodes
        ):
            copy.write_row((transcript, position, start, end, "", text))
    connection.close()


def _rebuild(number: int) -> int:
    from broadcasts.services.passages import rebuild_passages

    return rebuild_passages(number)


def build() -> tuple[int, float]:
    """All passages, by the site's own code in two processes: how many, in how many seconds."""
    from django.db import connection

    from broadcasts.services.search.upkeep import with_speech

    numbers = list(with_speech())
    connection.close()
    begun = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(2, initializer=django.setup) as pool:
        passages = sum(pool.imap_unordered(_rebuild, numbers, chunksize=10))
    return passages, time.monotonic() - begun


def sizes() -> dict[str, str]:
    from django.db import connection

    names = (
        "broadcasts_cue", "broadcasts_passage", "passage_words",
        "broadcasts_searchdocument", "search_document_words", "broadcasts_searchword",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(
            "SELECT name, pg_size_pretty(CASE WHEN relkind = 'i' THEN pg_relation_size(oid)"
            " ELSE pg_table_size(oid) END)"
            " FROM unnest(%s::text[]) AS name JOIN pg_class ON relname = name",
            [list(names)],
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True)
class Taken:
    """Milliseconds for one page: by the clock, and of processors, ours and the database's."""

    clock: float
    processor: float


def _processor_seconds(backend: int) -> float:
    """What this process and this session of PostgreSQL have used so far. Linux."""
    used = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
    return time.process_time() + used / 1e9


def find_only(question: str) -> None:
    """The search itself: broadcasts, their moments, marks; neither facets nor a page."""
    from broadcasts.models import Broadcast
    from broadcasts.services.search import answering, asking, finding

    with finding.patiently():
        compiled = asking.compile_question(asking.read_question(question))
        found = finding.find(compiled, visible=Broadcast.objects.public())
        answering.results_of(compiled, numbers=found.broadcasts[:10], most_moments=3)


@functools.cache
def reader() -> Any:
    """One for all questions: each brings the middleware, and the list of static files, anew."""
    from django.test import Client

    return Client(headers={"host": "127.0.0.1"})


def whole_page(question: str) -> None:
    """The page with its facets and its frame, as a reader has it."""
    assert reader().get("/recherche", {"q": question}).status_code == 200, question


def ask(way: Callable[[str], None], rounds: int) -> dict[str, list[Taken]]:
    """Each question's answers."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    times: dict[str, list[Taken]] = {question: [] for question in QUESTIONS}
    # A request ends with its connection looked at, not closed: the session stays the same.
    for turn in range(rounds + 1):
        for question in random.Random(turn).sample(QUESTIONS, len(QUESTIONS)):
            begun, used = time.perf_counter(), _processor_seconds(backend)
            way(question)
            taken = Taken(
                (time.perf_counter() - begun) * 1000,
                (_processor_seconds(backend) - used) * 1000,
            )
            if turn:  # the first visit reads templates, and the disk
                times[question].append(taken)
    return times


def report(times: dict[str, list[Taken]]) -> bool:
    """Print each question's middle, and the percentiles of all; whether the 95th is held."""
    for question, answers in times.items():
        clock, processor = (
            statistics.median(getattr(taken, name) for taken in answers)
            for name in ("clock", "processor")
        )
        print(f"  {question:32} {clock:7.1f} ms, processeurs {processor:7.1f} ms")
    everything = list(itertools.chain.from_iterable(times.values()))
    cuts = {}
    for name, words in (("clock", "à l’horloge"), ("processor", "de processeur")):
        cuts[name] = statistics.quantiles([getattr(one, name) for one in everything], n=100)
        p50, p95, p99 = (cuts[name][place] for place in (49, 94, 98))
        print(f"  {words} : p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms")
    return cuts["clock"][94] <= PATIENCE_P95_MS


def run(bench: Stack, *, episodes: int, words: int, rounds: int) -> bool:
    """Everything: fill, build, measure. Whether the percentile asked for is held."""
    bench.manage("seed_demo", "--episodes", str(episodes), "--without-images")
    django.setup()
    begun = time.monotonic()
    fill(episodes, words)
    print(f"Sous-titres écrits en {time.monotonic() - begun:.0f} s")
    passages, seconds = build()
    print(f"{passages} passages faits en {seconds:.0f} s, index compris")
    from broadcasts.services.search.spelling import learn_words

    begun = time.monotonic()
    print(f"{learn_words()} mots appris en {time.monotonic() - begun:.0f} s")
    for name, size in sizes().items():
        print(f"  {name:28} {size:>10}")
    print("La page entière :")
    report(ask(whole_page, rounds))
    print("La recherche seule :")
    return report(ask(find_only, rounds))


def main() -> None:
    parser = argparse.ArgumentParser(description="La vitesse de la recherche.")
    parser.add_argument("--episodes", type=int, default=EPISODES)
    parser.add_argument("--words", type=int, default=WORDS, help="en tout")
    parser.add_argument("--rounds", type=int, default=10, help="fois que chaque question est posée")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="auposte-bench-") as name,
        stack(Path(name)) as bench,
    ):
        held = run(bench, episodes=options.episodes, words=options.words, rounds=options.rounds)
    print("Tenu." if held else "Pas tenu.")
    raise SystemExit(0 if held else 1)


if __name__ == "__main__":
    main()
