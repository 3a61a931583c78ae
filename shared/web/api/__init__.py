"""What the APIs of all services have in common, by the NL API Design Rules (docs/api-design-rules.md)."""
