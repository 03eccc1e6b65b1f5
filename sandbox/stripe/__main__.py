"""Runs the stand-in for Stripe as a server of its own."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from sandbox.stripe.standin import StripeStandIn
from sandbox.stripe.store import StateError


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; return 1 with one line of explanation when it cannot."""
    options = _parser().parse_args(arguments)
    problem = _problem_with_keys(options.api_key, options.webhook_secret)
    if problem:
        return _refuse(problem)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING)
    try:
        standin = StripeStandIn(
            state=options.state,
            host=options.host,
            port=options.port,
            api_key=options.api_key,
            webhook_url=options.webhook_url,
            webhook_secret=options.webhook_secret,
            public_url=options.public_url,
            read_limit=options.read_limit,
            balance_delay=options.balance_delay,
            sepa_delay=options.sepa_delay,
            retry_base=options.retry_base,
            seed=options.seed,
        )
    except (StateError, OSError) as error:
        return _refuse(str(error))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with standin:
        sys.stdout.write(f"Stripe (simulation): {standin.url}\n")
        sys.stdout.flush()
        stop.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.stripe", description="A stand-in for Stripe. No money moves."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="0 picks a free one")
    parser.add_argument("--state", type=Path, required=True, help="file that keeps the state")
    parser.add_argument("--webhook-url", help="where events are sent; without it, nowhere")
    parser.add_argument("--webhook-secret", required=True, help="whsec_…")
    parser.add_argument("--api-key", required=True, help="sk_test_… or rk_test_…")
    parser.add_argument("--public-url", default="", help="address of the checkout page, if other")
    parser.add_argument("--read-limit", type=int, default=25, help="reads a second")
    parser.add_argument("--balance-delay", type=_seconds, default=2.0, help="seconds, or 'never'")
    parser.add_argument("--sepa-delay", type=_seconds, default=30.0, help="seconds, or 'never'")
    parser.add_argument("--retry-base", type=float, default=1.0, help="first retry, in seconds")
    parser.add_argument("--seed", type=int, help="makes ids reproducible")
    parser.add_argument("--verbose", action="store_true", help="log requests and deliveries")
    return parser


def _seconds(text: str) -> float | None:
    return None if text == "never" else float(text)


def _problem_with_keys(api_key: str, webhook_secret: str) -> str | None:
    if api_key.startswith(("sk_live", "rk_live")):
        return "a live key was given: real money has no place in a simulation"
    if not api_key.startswith(("sk_test_", "rk_test_")):
        return "--api-key must start with sk_test_ or rk_test_"
    if not webhook_secret.startswith("whsec_"):
        return "--webhook-secret must start with whsec_"
    return None


def _refuse(problem: str) -> int:
    sys.stderr.write(f"Stripe stand-in: {problem}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
