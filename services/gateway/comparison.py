"""How the version in the shadow agrees with the active one, from the counters of the workers."""

from collections.abc import Mapping
from typing import cast

import redis.asyncio
from densa.v1 import classification_pb2
from densa.v1 import model_admin_service_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from services.common import keys
from services.common.classification import Location
from services.common.errors import NotFound
from services.gateway.agreement import kappa
from services.gateway.redis_answers import redis_answers

LABELS = ("presence", *(location.value for location in Location))
POSITIVE = "p"
SHOWN = 20


class Comparisons:
    """Reads what was counted."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client

    async def latest(self) -> pb.CompareModelsResponse:
        """The comparison that was added to last. Raises NotFound, Unavailable."""
        async with redis_answers():
            pairs = cast("list[bytes]", await self._client.zrevrange(keys.COMPARISONS, 0, 0))
            if not pairs:
                raise NotFound(
                    "No two versions were compared yet. ShadowModel runs a second one.",
                    reason="COMPARISON_NOT_FOUND",
                )
            pair = pairs[0].decode()
            found = await self._client.hgetall(keys.comparison(pair))
            most = cast(
                "list[bytes]", await self._client.zrevrange(keys.differences(pair), 0, SHOWN - 1)
            )
        counts = cast("dict[bytes, bytes]", found)
        read = {name.decode(): value.decode() for name, value in counts.items()}
        return to_comparison(read, [text.decode() for text in most])


def to_comparison(counts: Mapping[str, str], differences: list[str]) -> pb.CompareModelsResponse:
    """In the contract's words."""
    since = Timestamp()
    since.FromNanoseconds(int(float(counts.get("since", 0)) * 1e9))
    compared = int(counts.get("compared", 0))
    return pb.CompareModelsResponse(
        active=_identity(counts.get("active", "")),
        shadow=_identity(counts.get("shadow", "")),
        start_time=since,
        compared=compared,
        failed=int(counts.get("failed", 0)),
        skipped=int(counts.get("skipped", 0)),
        outputs=[_output(label, counts, compared) for label in LABELS],
        differences=[_difference(text) for text in differences],
    )


def _output(label: str, counts: Mapping[str, str], compared: int) -> pb.OutputAgreement:
    table = {
        name.removeprefix(f"{label}:"): int(value)
        for name, value in counts.items()
        if name.startswith(f"{label}:") and not name.endswith(":difference")
    }
    apart = float(counts.get(f"{label}:difference", 0))
    return pb.OutputAgreement(
        label=label,
        kappa=kappa(table),
        same_calls=sum(n for calls, n in table.items() if calls[0] == calls[1]),
        active_positive=sum(n for c, n in table.items() if c[0] == POSITIVE != c[1]),
        shadow_positive=sum(n for c, n in table.items() if c[1] == POSITIVE != c[0]),
        mean_difference=apart / compared if compared else 0.0,
    )


def _difference(text: str) -> pb.ModelDifference:
    image, label, active, shadow = text.split("|")
    return pb.ModelDifference(
        image=image,
        label=label,
        active_probability=float(active),
        shadow_probability=float(shadow),
    )


def _identity(text: str) -> classification_pb2.ModelIdentity:
    name, version, digest = [*text.split(" "), "", "", ""][:3]
    return classification_pb2.ModelIdentity(name=name, version=version, digest=digest)
