"""The asking side: a Python SDK and the `densa` command. Knows the contract and nothing else.

    from services.client import DensaClient

    with DensaClient("127.0.0.1:50051") as densa:
        print(densa.classify(Path("a.tif")))

For Research Use Only. Not for use in diagnostic procedures.
"""

from services.client.async_client import AsyncDensaClient
from services.client.cases import CaseResult
from services.client.errors import DensaError
from services.client.images import Image
from services.client.job import Job
from services.client.options import ClientOptions
from services.client.results import Classification, Location, MicrographResult
from services.client.sync_client import DensaClient

__all__ = [
    "AsyncDensaClient",
    "CaseResult",
    "Classification",
    "ClientOptions",
    "DensaClient",
    "DensaError",
    "Image",
    "Job",
    "Location",
    "MicrographResult",
]
