"""A budget whose period is over, in Paris, can no longer be changed: what was promised stays.

`auposte.past_budget_may_change` opens it for one transaction: a payment that comes late may need a
month that was never made, and its lines are written then.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION past_budget_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_day date;
BEGIN
    IF coalesce(current_setting('auposte.past_budget_may_change', true), '') = 'on' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_TABLE_NAME = 'donations_campaign' THEN
        last_day := OLD.ends_on;
    ELSE
        -- A line that moves from one period to another must be free in both.
        SELECT min(ends_on) INTO last_day FROM donations_campaign
        WHERE id IN (
            CASE WHEN TG_OP <> 'INSERT' THEN OLD.campaign_id END,
            CASE WHEN TG_OP <> 'DELETE' THEN NEW.campaign_id END
        );
    END IF;
    IF last_day < (now() AT TIME ZONE 'Europe/Paris')::date THEN
        RAISE EXCEPTION 'the budget of a past period is frozen: % refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

CREATE TRIGGER budget_line_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON donations_budgetline
    FOR EACH ROW EXECUTE FUNCTION past_budget_is_frozen();

CREATE TRIGGER campaign_period_frozen
    BEFORE UPDATE OF starts_on, ends_on, kind ON donations_campaign
    FOR EACH ROW
    WHEN ((OLD.starts_on, OLD.ends_on, OLD.kind) IS DISTINCT FROM
          (NEW.starts_on, NEW.ends_on, NEW.kind))
    EXECUTE FUNCTION past_budget_is_frozen();
"""

DROP = """
DROP TRIGGER campaign_period_frozen ON donations_campaign;
DROP TRIGGER budget_line_frozen ON donations_budgetline;
DROP FUNCTION past_budget_is_frozen();
"""


class Migration(migrations.Migration):
    dependencies = (("donations", "0003_money_that_lives"),)
    operations = (migrations.RunSQL(CREATE, DROP),)
