"""Builds the objects that move money: charges, balance transactions, refunds, disputes.

As in objects.py, fields are those of the SDK's classes. All amounts are integer cents.
"""

from __future__ import annotations

from sandbox.stripe.objects import metadata
from sandbox.stripe.store import Json

EVIDENCE = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
)


def charge(key: str, intent: Json, method: Json, *, now: int, prefix: str) -> Json:
    """Build the charge of one attempt to pay a PaymentIntent. It copies the intent's metadata."""
    kind = method["type"]
    if kind == "card":
        details = {
            name: value
            for name, value in method["card"].items()
            if name not in ("display_brand", "generated_from", "networks", "three_d_secure_usage")
        } | {
            "amount_authorized": intent["amount"],
            "authorization_code": None,
            "installments": None,
            "mandate": None,
            "network": method["card"]["brand"],
            "network_transaction_id": None,
            "three_d_secure": None,
        }
    else:
        details = method["sepa_debit"] | {
            "expected_debit_date": None,
            "mandate": f"mandate_{key.split('_')[1]}",
        }
    suffix = intent["statement_descriptor_suffix"]
    return {
        "id": key,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": f"{prefix}* {suffix}" if suffix else prefix,
        "captured": False,
        "created": now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": None,
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"type": kind, kind: details},
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": suffix,
        "status": "pending",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }


def outcome(decline: str | None = None) -> Json:
    """Build a charge's outcome: authorised, or declined by the bank for the given reason."""
    return {
        "advice_code": "do_not_try_again" if decline else None,
        "network_advice_code": None,
        "network_decline_code": "05" if decline else None,
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": decline,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "The bank did not return any further details with this decline."
        if decline
        else "Payment complete.",
        "type": "issuer_declined" if decline else "authorized",
    }


def balance_transaction(
    key: str,
    *,
    now: int,
    kind: str,
    category: str,
    source: str | None,
    amount: int,
    fee: int = 0,
    available_on: int | None = None,
    description: str | None = None,
) -> Json:
    """Build a movement of the account's balance, all amounts in cents; net is amount less fee.

    It can be paid out after seven days, unless `available_on` says otherwise.
    """
    details = {
        "amount": fee,
        "application": None,
        "currency": "eur",
        "description": "Stripe processing fees" if category == "charge" else "Dispute fee",
        "type": "stripe_fee",
    }
    return {
        "id": key,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now + 7 * 86400 if available_on is None else available_on,
        "balance_type": "payments",
        "created": now,
        "currency": "eur",
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [details] if fee else [],
        "net": amount - fee,
        "reporting_category": category,
        "source": source,
        "status": "pending",
        "type": kind,
    }


def refund(key: str, charge: Json, *, now: int, amount: int, status: str, params: Json) -> Json:
    """Build a refund of `amount` cents of a charge."""
    kind = charge["payment_method_details"]["type"]
    destination: Json = {"type": kind}
    if kind == "card":
        destination["card"] = {
            "reference_status": "pending",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        }
    return {
        "id": key,
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "destination_details": destination,
        "metadata": metadata(params),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
    }


def dispute(key: str, charge: Json, *, now: int, reason: str, amount: int) -> Json:
    """Build a dispute that awaits the account's answer."""
    evidence = dict.fromkeys(EVIDENCE)
    return {
        "id": key,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": evidence | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now + 9 * 86400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": None,
        "reason": reason,
        "status": "needs_response",
    }


def payout(key: str, *, now: int, amount: int, arrival_date: int) -> Json:
    """Build a payout of `amount` cents that the bank has taken."""
    return {
        "id": key,
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": arrival_date,
        "automatic": True,
        "balance_transaction": None,
        "created": now,
        "currency": "eur",
        "description": "STRIPE PAYOUT",
        "destination": None,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "completed",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "paid",
        "trace_id": None,
        "type": "bank_account",
    }


def fraud_warning(key: str, charge: Json, *, now: int, fraud_type: str) -> Json:
    """Build an issuer's early warning that a charge may be fraudulent."""
    return {
        "id": key,
        "object": "radar.early_fraud_warning",
        "actionable": not (charge["refunded"] or charge["disputed"]),
        "charge": charge["id"],
        "created": now,
        "fraud_type": fraud_type,
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
