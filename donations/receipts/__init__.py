"""Receipts: attestations for everybody, fiscal receipts of an entitled entity.

`of_donor` and `pdf_of` are for pages that show a donor their own papers.
"""

from donations.receipts.reading import of_donor, pdf_of

__all__ = ["of_donor", "pdf_of"]
