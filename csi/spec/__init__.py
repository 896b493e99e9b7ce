"""Words: what a researcher says of a model before there are any data. Standard library only."""

from csi.spec.model import Model
from csi.spec.words import Construct, Covariance, Hypothesis, Item, Path, Scale, items

__all__ = ["Construct", "Covariance", "Hypothesis", "Item", "Model", "Path", "Scale", "items"]
