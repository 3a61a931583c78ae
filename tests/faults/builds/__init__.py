"""Other builds: importing a module changes the process it is imported in, and no other. All but `newer` are broken."""
