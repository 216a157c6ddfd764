"""Virtual patients: who is treated, as published tables or a user's table describe them."""
