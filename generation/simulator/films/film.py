"""What is asked for: one film."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Film:
    """A film to render; the pictures it starts from, passes and ends with are files."""

    prompt: str
    seed: int
    size: tuple[int, int]
    seconds: float
    fps: int = 24
    sound: bool = False
    reference: Path | None = None  # the first frame
    end: Path | None = None  # the last frame
    frames: tuple[Path, ...] = ()  # the pictures between, in order

    @property
    def length(self) -> int:
        """In frames."""
        return max(1, round(self.seconds * self.fps))

    @property
    def pixels(self) -> int:
        return self.size[0] * self.size[1]

    @property
    def keys(self) -> tuple[Path, ...]:
        """The pictures the film passes, from first to last."""
        return tuple(key for key in (self.reference, *self.frames, self.end) if key is not None)
