"""What signals knows (`facts`) and what it tells (`figures`)."""
