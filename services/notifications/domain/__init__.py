"""The rules of notifications: who hears what, what becomes of an alert, and when a mail is tried again."""
