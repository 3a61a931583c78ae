"""What comes by the national application chain: its status export, and pupils who are known from there alone."""
