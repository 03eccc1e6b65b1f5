"""A stand-in for Stripe: a local server for development and tests. No money moves.

Run `python -m sandbox.stripe --help`, or use StripeStandIn inside a test.
"""

from sandbox.stripe.standin import StripeStandIn

__all__ = ["StripeStandIn"]
