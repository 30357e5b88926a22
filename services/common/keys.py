"""The names of everything Densa keeps in Redis, in one place.

Keys of a job share its name, so that deleting a job is deleting a few keys. What
only scripts touch is named in lua/queue.lua alone.
"""


def job(name: str) -> str:
    """Hash of the job: accepted, finished, bytes; create_time, lane, submitter, ttl, state;
    closed, cases_due, case_results. `accepted` counts closed cases as well, `finished` their
    results: they are equal when nothing is due any more.
    """
    return f"densa:job:{name}"


def images(name: str) -> str:
    """Hash image_id -> digest, bytes, times and details of each accepted image."""
    return f"densa:job:{name}:images"


def outcomes(name: str) -> str:
    """Hash image_id -> position in the result stream: the first writer sets it."""
    return f"densa:job:{name}:outcomes"


def results(name: str) -> str:
    """Stream of outcomes. The n-th has the id n-0: positions have no gaps."""
    return f"densa:job:{name}:results"


def closed_cases(name: str) -> str:
    """Set of the job's cases that are closed and have no result yet."""
    return f"densa:job:{name}:closed_cases"


def channel(name: str) -> str:
    """Pub/sub channel on which each entry of the result stream is announced."""
    return f"densa:job:{name}:announce"


READERS = "densa:readers"
"""Pub/sub channel every gateway's reader holds on to while it watches no job."""

WORKERS = "densa:workers"
"""Hash worker name -> its latest report."""

MODELS = "densa:models"
"""Hash model digest -> manifest, as the workers that serve it wrote it."""

MODEL_CHOICE = "densa:model:choice"
"""Hash of what operators decided: active, candidate, shadow; see model_choice.py."""

MODEL_HISTORY = "densa:model:history"
"""List of versions that were active before, the latest first."""


def pair_of(active: str, shadow: str) -> str:
    """The name of two versions that are compared, from their digests."""
    return "-".join(digest.removeprefix("sha256:")[:16] for digest in (active, shadow))


def comparison(pair: str) -> str:
    """Hash of how two versions agreed, by their digests; lua/compare.lua writes it."""
    return f"densa:model:comparison:{pair}"


def differences(pair: str) -> str:
    """Sorted set of the images on which they differ most, by how much."""
    return f"densa:model:comparison:{pair}:differences"


HOLD = "densa:hold"
"""While it is there nobody lets go of an image that was answered: a backup is being taken."""

COMPARISONS = "densa:model:comparisons"
"""Sorted set of pairs of digests that were compared, by when that began; the latest few."""

JOBS = "densa:jobs"
"""Sorted set of the jobs that are listed, by the time they were opened."""

EXPIRY = "densa:expiry"
"""Sorted set of all jobs, by when they are forgotten."""

LOAD = "densa:load"
"""Hash of what has no outcome yet: images, bytes, and of each lane images:LANE, bytes:LANE."""

LEASES = "densa:leases"
"""Sorted set of JOB|IMAGE_ID of images that a worker has, by when the lease runs out."""


def nudges(thread: str) -> str:
    """List on which a thread that lingers hears of work; gone when it has."""
    return f"densa:nudges:{thread}"


LINGERING = "densa:lingering"
"""Sorted set of threads that wait a little for work, by when they go."""
