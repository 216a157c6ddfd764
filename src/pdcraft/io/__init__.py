"""Reading and writing: text with units, tables, the result store."""
