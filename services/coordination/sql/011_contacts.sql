-- Who coordinates at an organisation keeps its list of contacts, as the operator and the coordinator of its region do:
-- who is asked to fill a role must be able to.

CREATE POLICY coordinators ON contact TO {{service}}_web USING (tells_absence(organisation));
