"""The schemas derived from the contract document by `python -m contracts derive`: data, generated and committed."""
