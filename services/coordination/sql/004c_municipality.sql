-- Where an organisation is, when a file says so: a region may span two holiday zones.

ALTER TABLE organisation ADD COLUMN municipality text;
