#!/usr/bin/env bash
# Django's deployment checks, with the settings of .env.example as a public site would have them.
# Nothing of this shell's environment reaches them; what the example leaves blank is made up here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-.venv/bin/python}

set -a
# shellcheck source=/dev/null
. ./.env.example
set +a
exec env -i PATH="$PATH" \
    SITE_URL="$SITE_URL" \
    SECRET_KEY="$("$python" -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    DATABASE_URL=postgres://auposte:secret@postgres/auposte \
    REDIS_URL=redis://valkey:6379/0 \
    TRUST_PROXY=true \
    EMAIL_URL=smtp+tls://auposte:secret@smtp.auposte.test:587 \
    DEFAULT_FROM_EMAIL="Au Poste <bonjour@auposte.test>" \
    STRIPE_SECRET_KEY=sk_live_example \
    STRIPE_WEBHOOK_SECRET=whsec_example \
    "$python" manage.py check --deploy --fail-level WARNING
