"""One micrograph in, one classification out, over the real service."""

import asyncio
from typing import Any

import grpc
import pytest
from densa.v1 import classification_pb2 as pb
from densa.v1.micrograph_pb2 import Micrograph

from tests.bundles import TINY_SHARES
from tests.integration.calls import classify, grey, reason_of, refusal, status_of, stub_of
from tests.integration.micrographs import PIXEL_SIZE_NM, TOLERANCE, micrograph, presence
from tests.integration.processes import Service
from tests.waiting import until


async def test_a_micrograph_gets_its_probabilities_and_calls(stub: Any) -> None:
    # When
    answer = await classify(stub, grey("a", 150))

    # Then
    assert answer.presence.probability == pytest.approx(presence(150), abs=TOLERANCE)
    assert answer.presence.call == pb.CALL_POSITIVE
    assert [one.location for one in answer.locations] == [
        pb.LOCATION_MESANGIAL,
        pb.LOCATION_SUBEPITHELIAL,
        pb.LOCATION_INTRAMEMBRANOUS,
        pb.LOCATION_SUBENDOTHELIAL,
    ]
    assert [one.assessment.probability for one in answer.locations] == pytest.approx(
        [share * presence(150) for share in TINY_SHARES], abs=TOLERANCE
    )
    assert answer.locations[3].assessment.call == pb.CALL_NEGATIVE


async def test_an_answer_says_what_was_read_by_which_model_in_what_time(stub: Any) -> None:
    # When
    answer = await classify(stub, grey("a", 150))

    # Then
    read = answer.input
    assert (read.format, read.width, read.height, read.bit_depth) == ("PNG", 224, 224, 8)
    assert read.pixel_size_nm == PIXEL_SIZE_NM
    assert read.pixel_size_source == pb.PIXEL_SIZE_SOURCE_REQUEST
    assert answer.model.name == "tiny"
    assert answer.model.digest.startswith("sha256:")
    assert answer.timing.queue_duration.ToMicroseconds() > 0
    assert answer.timing.decode_duration.ToMicroseconds() > 0
    assert answer.timing.inference_duration.ToMicroseconds() > 0
    assert "Research Use Only" in answer.notice


async def test_a_micrograph_needs_no_id_and_no_pixel_size_and_is_told_what_was_assumed(
    stub: Any,
) -> None:
    # When
    answer = await classify(stub, Micrograph(image=micrograph(99)))

    # Then
    assert answer.presence.probability == pytest.approx(presence(99), abs=TOLERANCE)
    assert answer.input.pixel_size_source == pb.PIXEL_SIZE_SOURCE_ASSUMED
    assert pb.FINDING_CODE_UNKNOWN_SCALE in [finding.code for finding in answer.findings]


async def test_calls_at_the_same_time_get_the_answers_of_their_own_images(stub: Any) -> None:
    # When
    levels = range(20, 120)
    answers = await asyncio.gather(*(classify(stub, grey("same id", level)) for level in levels))

    # Then
    assert [answer.presence.probability for answer in answers] == pytest.approx(
        [presence(level) for level in levels], abs=TOLERANCE
    )


async def test_nothing_of_a_call_is_kept(stub: Any, service: Service) -> None:
    # Given: perhaps streams of other tests
    with service.redis.client() as client:
        before = set(client.scan_iter("densa:job:*"))

        # When
        await classify(stub, grey("a", 77))
        await refusal(stub, Micrograph(image=micrograph(78)[:-100]))

        # Then
        await until(lambda: not service.images)
        await until(lambda: set(client.scan_iter("densa:job:*")) <= before)


async def test_a_call_that_no_worker_can_answer_is_refused_at_once(lone_service: Service) -> None:
    # Given
    gateway = lone_service.start_gateway()
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        # When
        error = await refusal(stub_of(channel), grey("a", 50))

    # Then
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert reason_of(status_of(error)) == "NO_READY_WORKER"
