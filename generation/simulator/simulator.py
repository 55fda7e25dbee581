"""The parts of one running simulator."""

from generation.simulator.callbacks import Caller
from generation.simulator.config import Config
from generation.simulator.faults import Faults
from generation.simulator.media.cache import ResultCache
from generation.simulator.world import World


class Simulator:
    def __init__(self, config: Config) -> None:
        self.config = config
        self.world = World(config)
        self.faults = Faults(self.world.store)
        self.cache = ResultCache(self.world)
        self.caller = Caller(self.world)

    def reset(self) -> None:
        self.world.reset()
        self.faults.set([])
