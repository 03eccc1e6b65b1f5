"""The billing portal's sessions: who may come in, and what they may do there.

https://docs.stripe.com/customer-management
"""

from __future__ import annotations

from sandbox.stripe import billing_objects, rules
from sandbox.stripe.account import Change
from sandbox.stripe.store import Json


def create_session(change: Change, params: Json) -> Json:
    """Let a customer into the portal, as `billing_portal.sessions.create` asks."""
    rules.simulated(params, frozenset({"customer", "expand", "locale", "return_url"}), "")
    rules.require(params, "customer")
    rules.check_url(params.get("return_url"), "return_url")
    change.get("customer", params["customer"], param="customer")
    key = change.new_id("bps")
    url = f"{change.settings.public_url}/p/session/{key}"
    session = billing_objects.portal_session(key, params, now=change.now, url=url)
    change.put(session)
    return session
