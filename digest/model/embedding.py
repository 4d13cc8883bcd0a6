"""What a model must do that makes vectors of articles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # whoever has no model need not load what computes with vectors
    import numpy as np
    from numpy.typing import NDArray


class Embedder(Protocol):
    """A model that turns texts into vectors: texts of like meaning into like directions."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row per text, of length 1; of length 0 where the model knows none of its words."""
        ...
