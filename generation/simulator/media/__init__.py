"""The simulator's result files: images and videos made from the files in scenes/, and audio."""

from dataclasses import dataclass
from pathlib import Path

VERSION = 2  # raise it when results change, so that cached files are made again


@dataclass(frozen=True)
class MediaRequest:
    """An image or a video to make; `inputs` are copies of images it shows, from first to last."""

    prompt: str
    seed: int
    size: tuple[int, int]
    inputs: tuple[Path, ...] = ()
    references: int = 0  # how many there were, as only the first may have been copied
    seconds: float = 0.0
    fps: int = 24
    has_audio: bool = False

    @property
    def length(self) -> int:
        """In frames."""
        return max(1, round(self.seconds * self.fps))
