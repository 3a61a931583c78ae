-- A person may say that a signal needs nobody: at which severity, and why. The first is empty again once its reason went.
ALTER TABLE risk
    ADD COLUMN dismissed text CHECK (dismissed IN ('notice', 'warning', 'risk')),
    ADD COLUMN dismissed_reason text;
