"""One pass over tables of any size: answers go by in batches, and only sums of them are kept."""

from csi.passes.one_pass import moments

__all__ = ["moments"]
