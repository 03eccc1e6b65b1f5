"""What covering the bank's fees costs a giver."""

# Stripe France, European cards: 1,5 % + 0,25 €. https://stripe.com/fr/pricing
RATE_PER_TEN_THOUSAND, FIXED_CENTS = 150, 25


def fee_cover_cents(amount_cents: int) -> int:
    """The least addition (cents) after which `amount_cents` are left once the fee is taken."""
    if amount_cents <= 0:
        return 0
    kept = 10_000 - RATE_PER_TEN_THOUSAND
    total = -(-(amount_cents + FIXED_CENTS) * 10_000 // kept)
    return total - amount_cents
