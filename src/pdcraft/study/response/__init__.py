"""Response in a study: blood counts, lesions and patients of every arm."""
