-- Who coordinates at an organisation keeps its list of contacts, as the operator and the coordinator of its region do:
-- who is asked to fill a role must be able to.

CREATE POLICY coordinators ON contact TO {{service}}_web USING (tells_absence(organisation));
-- A municipality or region that no file has named gets its row, as the official tables name it, with its first contact.
CREATE POLICY first_contact ON organisation FOR INSERT TO {{service}}_web WITH CHECK (tells_absence(code));
