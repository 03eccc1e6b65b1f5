"""The ledger refuses to be changed, whoever asks: Django, psql, or a script in a hurry."""

from django.db import migrations

CREATE = """
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Test databases are emptied between tests; their connections carry this setting.
    IF TG_OP = 'TRUNCATE'
       AND coalesce(current_setting('auposte.ledger_may_be_truncated', true), '') = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only: % refused', TG_OP
        USING ERRCODE = 'restrict_violation',
              HINT = 'Book a counter-entry instead.';
END $$;

CREATE TRIGGER ledger_append_only
    BEFORE UPDATE OR DELETE ON donations_ledgerentry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

CREATE TRIGGER ledger_no_truncate
    BEFORE TRUNCATE ON donations_ledgerentry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
"""

DROP = """
DROP TRIGGER ledger_no_truncate ON donations_ledgerentry;
DROP TRIGGER ledger_append_only ON donations_ledgerentry;
DROP FUNCTION ledger_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = (("donations", "0001_initial"),)
    operations = (migrations.RunSQL(CREATE, DROP),)
