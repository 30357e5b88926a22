"""What a benchmark found: plain values, as they stand in the JSON file."""

from dataclasses import dataclass, field

from benchmarks.arithmetic import Growth, mean, spread
from benchmarks.orders import LoadAnswer, Style

SERVERS = ("gateway", "worker", "redis")


@dataclass(frozen=True)
class Cell:
    """One way of driving the service, and the limit around it."""

    style: Style
    concurrency: int
    load: LoadAnswer
    ratio: float
    """Images per second over the mean of the limits before and after."""

    @property
    def server_cpu_ms(self) -> float:
        """CPU milliseconds per image of all server processes."""
        return sum(self.load.cpu_ms[name] for name in SERVERS)


@dataclass(frozen=True)
class Latency:
    """One image at a time: medians over rounds of p50, in milliseconds."""

    service_ms: float
    in_process_ms: float
    difference_ms: float
    """Median over rounds of the difference, each within one round."""


@dataclass
class Group:
    """One model and one format."""

    model: str
    format: str
    configuration: str = ""
    """How the limit was reached best."""
    limits: list[float] = field(default_factory=list)
    """Images per second in one process, in the order measured."""
    prepare_cpu_ms: list[float] = field(default_factory=list)
    """CPU milliseconds per image for decoding and preprocessing alone, in one process."""
    cells: list[Cell] = field(default_factory=list)
    latency: Latency | None = None

    @property
    def limit(self) -> float:
        """Mean of the limits."""
        return mean(self.limits)

    @property
    def limit_spread(self) -> float:
        """How far the limits lie apart: the noise of the machine."""
        return spread(self.limits)

    def overhead_ms(self, cell: Cell) -> float:
        """CPU milliseconds per image that the service adds to decoding and preprocessing."""
        return cell.server_cpu_ms - mean(self.prepare_cpu_ms)


@dataclass(frozen=True)
class Host:
    """Where and when."""

    date: str
    commit: str
    cpu: str
    cores: int
    python: str
    busy: float
    """Load average of the last minute per core, before the benchmark began."""


@dataclass
class Results:
    """One benchmark."""

    host: Host
    bundles: dict[str, str]
    """Which bundle stands behind each model: name, version, digest."""
    seconds: float
    streams: int
    groups: list[Group] = field(default_factory=list)
    memory: Growth | None = None
    memory_images: int = 0
