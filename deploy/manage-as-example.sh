#!/bin/sh
# `manage.py` with the settings of .env.example, as a public site would have them: for checks that
# need settings but no server. What the example leaves blank is made up here, and nothing of this
# shell's environment gets through.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}

. ./.env.example
exec env -i PATH="$PATH" \
    SITE_URL="$SITE_URL" \
    SECRET_KEY="$("$python" -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    DATABASE_URL=postgres://auposte:secret@127.0.0.1:1/auposte \
    REDIS_URL=redis://127.0.0.1:1/0 \
    TRUST_PROXY=true \
    EMAIL_URL=smtp+tls://auposte:secret@smtp.auposte.test:587 \
    DEFAULT_FROM_EMAIL="Au Poste <bonjour@auposte.test>" \
    STRIPE_SECRET_KEY=sk_live_example \
    STRIPE_WEBHOOK_SECRET=whsec_example \
    "$python" -W ignore manage.py "$@"
