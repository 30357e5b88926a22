"""The gateway's side of the decision which model answers, in Redis."""

import json
from typing import cast

import redis.asyncio

from services.common import keys
from services.common.model_choice import (
    ActiveModel,
    Candidate,
    ModelChoice,
    ShadowModel,
    decode_choice,
    decode_part,
    encode_part,
)
from services.common.scripts import script
from services.gateway.redis_answers import redis_answers


class RedisModelChoices:
    """Reads and writes the decision. Every method may raise Unavailable."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client
        self._activate = client.register_script(script("activate"))

    async def read(self) -> ModelChoice:
        """What is decided."""
        async with redis_answers():
            found = await self._client.hgetall(keys.MODEL_CHOICE)
        return decode_choice(cast("dict[bytes, bytes]", found))

    async def previous(self) -> ActiveModel | None:
        """What a rollback goes to."""
        async with redis_answers():
            text = await self._client.lindex(keys.MODEL_HISTORY, 0)
        return decode_part(ActiveModel, cast("bytes | None", text))

    async def propose(self, candidate: Candidate) -> None:
        """Asks all workers to prepare a version; whoever asked before asks no more."""
        async with redis_answers():
            await self._client.hset(keys.MODEL_CHOICE, "candidate", encode_part(candidate))

    async def withdraw(self, candidate: Candidate) -> None:
        """Asks no more, where nobody else asks meanwhile."""
        async with redis_answers():
            text = await self._client.hget(keys.MODEL_CHOICE, "candidate")
            if text is not None and json.loads(text)["request"] == candidate.request:
                await self._client.hdel(keys.MODEL_CHOICE, "candidate")

    async def activate(
        self, candidate: Candidate, active: ActiveModel, before: ActiveModel | None, *, back: bool
    ) -> bool:
        """Makes a version the active one, in one step; False where somebody else asked meanwhile.

        `before` is what a rollback will go to; `back`: this is one.
        """
        remembered = "" if before is None else encode_part(before)
        arguments: list[str | int] = [candidate.request, encode_part(active), remembered, int(back)]
        async with redis_answers():
            return bool(await self._activate(args=arguments))

    async def shadow(self, shadow: ShadowModel | None) -> None:
        """Sets what runs in the shadow."""
        async with redis_answers():
            if shadow is None:
                await self._client.hdel(keys.MODEL_CHOICE, "shadow")
            else:
                await self._client.hset(keys.MODEL_CHOICE, "shadow", encode_part(shadow))
