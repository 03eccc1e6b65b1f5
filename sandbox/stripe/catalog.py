"""Products and prices: those that the API makes, and those that come inline with an order.

https://docs.stripe.com/products-prices/how-products-and-prices-work
"""

from __future__ import annotations

from sandbox.stripe import rules
from sandbox.stripe.account import Change
from sandbox.stripe.errors import StripeError, misuse
from sandbox.stripe.objects import metadata
from sandbox.stripe.store import Json

SIMULATED_PRODUCT = frozenset({"active", "description", "expand", "id", "metadata", "name"})


def create_product(change: Change, params: Json) -> Json:
    """Make a product as `products.create` asks; an id of one's own is possible."""
    rules.simulated(params, SIMULATED_PRODUCT, "")
    rules.check_metadata(params.get("metadata"), "metadata")
    key = params.get("id") or change.new_id("prod", 14)
    if change.batch.get("product", key):
        raise StripeError(
            f"Product already exists.: {key}", code="resource_already_exists", param="id"
        )
    made = _product(key, params, change.now)
    change.emit("product.created", made)
    return made


def create_price(change: Change, params: Json) -> Json:
    """Make a price as `prices.create` asks: in euros, per unit, one-time or recurring."""
    names = {"active", "metadata", "nickname", "expand"}
    rules.check_price({k: v for k, v in params.items() if k not in names}, "price")
    rules.check_metadata(params.get("metadata"), "metadata")
    made = price_of(change, params) | {"active": params.get("active", True)}
    made |= {"metadata": metadata(params), "nickname": params.get("nickname")}
    change.emit("price.created", made)
    return made


def price_of(change: Change, data: Json) -> Json:
    """Store and return the price that `price_data` describes, with its product if that is new.

    Such a price is for this one order: Stripe makes it inactive.
    """
    if "product_data" in data:
        product = _product(change.new_id("prod", 14), data["product_data"], change.now)
        change.put(product)
    else:
        product = change.get("product", data["product"], param="product")
        if not product["active"]:
            raise misuse(
                f"The product {product['id']} is marked as inactive, and thus no new prices can "
                "be created for it.",
                param="product",
            )
    made = _price(change.new_id("price"), data, product=product["id"], now=change.now)
    change.put(made)
    return made


def line_items(change: Change, items: list[Json]) -> list[Json]:
    """Build a session's line items from `line_items[]` parameters that passed the rules."""
    return [_line_item(change, item) for item in items]


def _line_item(change: Change, item: Json) -> Json:
    price, quantity = price_of(change, item["price_data"]), item["quantity"]
    total = price["unit_amount"] * quantity
    return {
        "id": change.new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": price["currency"],
        "description": change.get("product", price["product"])["name"],
        "metadata": metadata(item),
        "price": price,
        "quantity": quantity,
    }


def _product(key: str, params: Json, now: int) -> Json:
    return {
        "id": key,
        "object": "product",
        "active": params.get("active", True),
        "created": now,
        "default_price": None,
        "description": params.get("description"),
        "images": params.get("images", []),
        "livemode": False,
        "marketing_features": [],
        "metadata": metadata(params),
        "name": params["name"],
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": now,
        "url": None,
    }


def _price(key: str, data: Json, *, product: str, now: int) -> Json:
    unit, recurring = data["unit_amount"], data.get("recurring")
    return {
        "id": key,
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": now,
        "currency": data["currency"].lower(),
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product,
        "recurring": recurring
        and {
            "interval": recurring["interval"],
            "interval_count": recurring.get("interval_count", 1),
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        },
        "tax_behavior": data.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": unit,
        "unit_amount_decimal": str(unit),
    }


def plan(price: Json) -> Json:
    """Build the older name of a recurring price, which subscription items still carry."""
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": "per_unit",
        "created": price["created"],
        "currency": price["currency"],
        "interval": price["recurring"]["interval"],
        "interval_count": price["recurring"]["interval_count"],
        "livemode": False,
        "metadata": {},
        "meter": None,
        "nickname": None,
        "product": price["product"],
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }
