"""One formula, one pure cited function: floats and arrays in, floats and arrays out."""
