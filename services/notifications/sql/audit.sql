-- Violations: every row these queries return is a mistake of ours. Empty is good.

-- name: alert_without_delivery
-- Every step of an alert has a mail, or a reason why there is none.
SELECT a.alert_id AS subject, 'alert at step ' || a.step || ' without delivery' AS what
FROM alert a LEFT JOIN delivery d ON d.alert_id = a.alert_id AND d.step = a.step WHERE d.alert_id IS NULL

-- name: sent_without_time
SELECT alert_id AS subject, 'mail sent without a time' AS what FROM delivery WHERE (state = 'sent') <> (sent_at IS NOT NULL)

-- name: sent_but_not_delivered
-- A mail that was accepted shows on its alert, unless the alert was raised again afterwards.
SELECT a.alert_id AS subject, 'mail sent, alert not delivered' AS what
FROM alert a JOIN delivery d ON d.alert_id = a.alert_id AND d.step = a.step
WHERE d.state = 'sent' AND a.delivered_at IS NULL

-- name: mail_waits_for_closed_alert
SELECT a.alert_id AS subject, 'mail still waits for a closed alert' AS what
FROM alert a JOIN delivery d USING (alert_id) WHERE a.status = 'resolved' AND d.state = 'waiting'

-- name: open_alert_of_cleared_risk
SELECT a.alert_id AS subject, 'open alert of a risk that has gone' AS what
FROM alert a JOIN told t ON t.subject = a.told_as AND t.source = 'coordination' AND t.entity = 'risk:' || a.cause
WHERE a.status <> 'resolved' AND t.type = 'student-at-risk-cleared'

-- name: open_alert_of_done_action
SELECT a.alert_id AS subject, 'open alert of an action that is done' AS what
FROM alert a JOIN told t ON t.subject = a.told_as AND t.source = 'coordination' AND t.entity = 'action:' || a.cause
WHERE a.status <> 'resolved' AND t.type = 'action-done'

-- name: open_alert_of_closed_transition
SELECT a.alert_id AS subject, 'open alert of a transition that is closed' AS what
FROM alert a JOIN told t ON t.subject = a.told_as AND t.source = 'coordination' AND t.entity = 'transition:' || a.cohort
WHERE a.status <> 'resolved' AND t.type = 'transition-closed' AND t.recorded_at > a.raised_at

-- name: risk_that_nobody_hears
-- Everybody on the route of a risk that stands has an alert of that risk, open or closed by a person.
SELECT t.subject, 'nobody in ' || (hears ->> 'organisation') || ' hears a risk' AS what
FROM told t CROSS JOIN LATERAL jsonb_array_elements(t.data -> 'route') AS hears
WHERE t.type = 'student-at-risk' AND NOT EXISTS (
    SELECT FROM alert a WHERE a.cause = t.data ->> 'risk_id' AND a.organisation = hears ->> 'organisation'
      AND a.role = hears ->> 'role')

-- name: alert_without_history
SELECT a.alert_id AS subject, 'alert was never raised' AS what
FROM alert a WHERE NOT EXISTS (SELECT FROM trail t WHERE t.alert_id = a.alert_id AND t.command = 'raise')

-- name: alert_under_absorbed_reference
SELECT a.alert_id AS subject, 'alert under a reference that went up in another' AS what
FROM alert a JOIN alias ON alias.absorbed = a.pupil_ref

-- name: alias_of_alias
SELECT one.absorbed AS subject, 'reference leads to one that went up in another' AS what
FROM alias one JOIN alias two ON two.absorbed = one.survivor

-- name: left_after_erasure
SELECT e.pupil_ref AS subject, 'data left after erasure' AS what FROM erased e
WHERE EXISTS (SELECT FROM alert a WHERE a.pupil_ref = e.pupil_ref) OR EXISTS (SELECT FROM pupil p WHERE p.pupil_ref = e.pupil_ref)
   OR EXISTS (SELECT FROM told t WHERE t.subject = e.pupil_ref)
