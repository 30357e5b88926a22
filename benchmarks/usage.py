"""CPU time and memory of other processes, each with its children."""

from collections.abc import Mapping

import psutil


class Usage:
    """Watches named processes. A process that died is an error: its figure would be wrong."""

    def __init__(self, processes: Mapping[str, int]) -> None:
        self._processes = {name: psutil.Process(pid) for name, pid in processes.items()}

    def cpu_seconds(self) -> dict[str, float]:
        """CPU seconds used so far, user and system, by name."""
        return {name: _cpu_seconds(process) for name, process in self._processes.items()}

    def memory(self, name: str) -> int:
        """Resident bytes of a process now."""
        return int(self._processes[name].memory_info().rss)

    def family_memory(self, name: str) -> int:
        """Bytes that a process and its children have to themselves: what others share with them
        comes and goes with the others.
        """
        process = self._processes[name]
        family = [process, *process.children(recursive=True)]
        return sum(map(_own_bytes, family))


def _own_bytes(process: psutil.Process) -> int:
    """0 for a child that has ended meanwhile: processes that read images come and go."""
    try:
        return int(process.memory_full_info().uss)
    except psutil.NoSuchProcess:
        return 0


def _cpu_seconds(process: psutil.Process) -> float:
    family = [process, *process.children(recursive=True)]
    times = [member.cpu_times() for member in family]
    return float(sum(each.user + each.system for each in times))
