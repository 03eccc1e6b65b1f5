"""A rush of gifts through the webhook: `python -m bench.webhook_load`.

`--rate` gifts a second for `--seconds`, each with all the events that Stripe sends for it, signed
and posted to a real web server while a real worker reads each payment back from Stripe's stand-in,
which refuses reads above `--read-limit` a second as Stripe does. Afterwards the ledger must hold
each gift once. What is asked of a machine: none lost, a median under 50 ms, the queue empty within
five minutes. The ceiling printed beside it is the same server's answer to `/sante/vivant`.
"""

from __future__ import annotations

import argparse
import json
import queue
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import django
import httpx
from stripe import WebhookSignature

from bench.stack import Stack, answers, stack, wait_until

SENDERS = 16
DRAIN_SECONDS = 300
MEDIAN_MS = 50.0


def start_gifts(count: int) -> list[str]:
    """Gifts with their payment pages, as the form makes them. Returns the sessions' ids."""
    from donations.services import giving

    sessions = []
    for number in range(count):
        gift = giving.start_gift(
            amount_cents=500 + number % 4500, fee_cover_cents=0, email=f"rush{number}@example.org"
        )
        giving.open_checkout(gift)
        gift.refresh_from_db()
        sessions.append(str(gift.checkout_session_id))
    return sessions


def pay_all(bench: Stack, sessions: list[str]) -> list[list[dict[str, Any]]]:
    """Pay every session at the stand-in; each gift's events, in Stripe's order."""
    with httpx.Client(base_url=bench.stripe_url, timeout=30) as stripe:
        for session in sessions:
            for control, given in (("pay", {"card": "4242424242424242"}), ("balance", {})):
                stripe.post(f"/_/{control}", data={"session": session, **given}).raise_for_status()
        answer = stripe.get("/_/events", timeout=120).json()
    events = answer["data"] if isinstance(answer, dict) else answer
    by_gift: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        gift = (event["data"]["object"].get("metadata") or {}).get("gift")
        if gift:
            by_gift.setdefault(gift, []).append(event)
    return list(by_gift.values())


def deliver(bench: Stack, gifts: list[list[dict[str, Any]]], rate: float) -> list[float]:
    """Post all events, each gift's at its second; the milliseconds that each answer took."""
    secret, webhook = bench.environment["STRIPE_WEBHOOK_SECRET"], f"{bench.site_url}/stripe/webhook"
    due: queue.PriorityQueue[tuple[float, int, bytes]] = queue.PriorityQueue()
    number = 0
    for place, events in enumerate(gifts):
        for event in events:
            due.put((place / rate, number, json.dumps(event).encode()))
            number += 1
    times: list[float] = []
    refused: list[int] = []
    lock = threading.Lock()
    begun = time.monotonic()

    def send() -> None:
        with httpx.Client(timeout=30) as client:
            while True:
                try:
                    at, _, body = due.get_nowait()
                except queue.Empty:
                    return
                time.sleep(max(0.0, begun + at - time.monotonic()))
                now = int(time.time())
                signature = WebhookSignature._compute_signature(f"{now}.{body.decode()}", secret)
                header = {"Stripe-Signature": f"t={now},v1={signature}"}
                sent = time.perf_counter()
                answer = client.post(webhook, content=body, headers=header)
                taken = (time.perf_counter() - sent) * 1000
                with lock:
                    times.append(taken)
                    if answer.status_code != 200:
                        refused.append(answer.status_code)

    with ThreadPoolExecutor(SENDERS) as pool:
        for done in [pool.submit(send) for _ in range(SENDERS)]:
            done.result()
    took = time.monotonic() - begun
    print(f"  {number} événements de {len(gifts)} dons en {took:.1f} s, {len(refused)} refusés")
    return times


def ceiling_ms(bench: Stack) -> float:
    """What the idle server needs for an answer that does nothing, median of 300."""
    with httpx.Client() as client:
        times = []
        for _ in range(300):
            begun = time.perf_counter()
            client.get(f"{bench.site_url}/sante/vivant")
            times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def check_the_ledger(sessions: list[str]) -> bool:
    """Each gift is in the ledger once, with its own amount, and the bar shows their sum."""
    from django.db.models import Sum

    from donations.models import Gift, LedgerEntry, Progress, StripeEvent

    gifts = Gift.objects.filter(checkout_session_id__in=sessions)
    wanted = gifts.aggregate(total=Sum("amount_cents"))["total"]
    entries = LedgerEntry.objects.filter(kind="gift", gift__in=gifts)
    shown = Progress.objects.aggregate(total=Sum("raised_cents"))["total"]
    facts = {
        "dons encaissés": (gifts.filter(status="succeeded").count(), len(sessions)),
        "écritures de don": (entries.count(), len(sessions)),
        "centimes au grand livre": (entries.total_cents(), wanted),
        "centimes sur la jauge": (shown, wanted),
        "événements en attente": (StripeEvent.objects.filter(processed_at=None).count(), 0),
    }
    for name, (found, expected) in facts.items():
        print(f"  {name} : {found} (attendu : {expected})")
    return all(found == expected for found, expected in facts.values())


def run(rate: int, seconds: int, read_limit: int) -> bool:
    """The whole measurement; whether all that is asked holds."""
    count = rate * seconds
    with tempfile.TemporaryDirectory(prefix="auposte-bench-") as name, stack(Path(name)) as bench:
        django.setup()
        from django.db import connection

        from donations.models import Progress, StripeEvent

        generous = ("--read-limit", "100000", "--balance-delay", "never")
        with bench.stripe(*generous):
            print(f"Préparation de {count} dons…")
            sessions = start_gifts(count)
            gifts = pay_all(bench, sessions)
        connection.close()
        strict = ("--read-limit", str(read_limit), "--balance-delay", "never")
        with bench.stripe(*strict), bench.web(), bench.worker():
            wait_until(lambda: answers(f"{bench.site_url}/sante/pret"), "le site", 30)
            ceiling = ceiling_ms(bench)
            times = deliver(bench, gifts, rate)
            drained = wait_until(
                lambda: (
                    not StripeEvent.objects.filter(processed_at=None).exists()
                    and not Progress.objects.exclude(dirty_since=None).exists()
                ),
                "la file n’est pas vide",
                2 * DRAIN_SECONDS,
            )
            reads = sum(1 for row in _requests(bench) if row["method"] == "GET")
            whole = check_the_ledger(sessions)
        median = statistics.median(times)
        ninety_ninth = sorted(times)[len(times) * 99 // 100]
        print(
            f"  webhook : {median:.1f} ms en médiane ({median / ceiling:.1f} × le plafond de "
            f"{ceiling:.1f} ms), {ninety_ninth:.1f} ms au 99e centile\n"
            f"  file vidée {drained:.0f} s après le dernier, {reads} lectures chez Stripe au plus "
            f"connues ({read_limit} par seconde permises)"
        )
        return whole and median < MEDIAN_MS and drained < DRAIN_SECONDS


def _requests(bench: Stack) -> list[dict[str, Any]]:
    answer = httpx.get(f"{bench.stripe_url}/_/requests", timeout=60).json()
    return list(answer["data"] if isinstance(answer, dict) else answer)


def main() -> None:
    parser = argparse.ArgumentParser(description="Une ruée de dons à travers le webhook.")
    parser.add_argument("--rate", type=int, default=50, help="dons par seconde")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument(
        "--read-limit", type=int, default=25, help="lectures par seconde chez Stripe"
    )
    options = parser.parse_args()
    held = run(options.rate, options.seconds, options.read_limit)
    print("Tenu." if held else "Pas tenu.")
    raise SystemExit(0 if held else 1)


if __name__ == "__main__":
    main()
