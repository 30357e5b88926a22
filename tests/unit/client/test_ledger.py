"""Which images are open, which are to be sent again, which results count."""

from densa.v1 import classification_service_pb2 as pb
from densa.v1.case_pb2 import CaseResult as CaseMessage
from google.rpc import code_pb2

from services.client.converters import to_stream_request
from services.client.images import Image
from services.client.ledger import Ledger
from services.client.results import MicrographResult
from tests.unit.client.fake_service import classification, status_of


def _ledger(*image_ids: str) -> Ledger:
    ledger = Ledger()
    for image_id in image_ids:
        image = Image(b"pixels", image_id=image_id, case_id="case 1")
        ledger.add(image, to_stream_request(image, b"pixels"))
    return ledger


def _unsent(ledger: Ledger) -> list[str]:
    sent = []
    while (message := ledger.next_unsent()) is not None:
        sent.append(message.micrograph.image_id)
    return sent


def _accepted(image_id: str) -> pb.ClassifyMicrographsResponse:
    return pb.ClassifyMicrographsResponse(accepted=pb.Accepted(image_id=image_id))


def _result(image_id: str, cursor: str = "") -> pb.ClassifyMicrographsResponse:
    return pb.ClassifyMicrographsResponse(
        result=pb.MicrographResult(image_id=image_id, classification=classification()),
        cursor=cursor,
    )


def test_images_are_sent_once_on_a_connection_in_their_order() -> None:
    # Given
    ledger = _ledger("a", "b", "c")

    # When
    sent = _unsent(ledger)

    # Then
    assert sent == ["a", "b", "c"]
    assert not ledger.has_unsent()


def test_only_what_was_not_accepted_is_sent_on_the_next_connection() -> None:
    # Given
    ledger = _ledger("a", "b", "c", "d")
    _unsent(ledger)
    ledger.record(_accepted("a"))
    ledger.record(_accepted("c"))
    ledger.record(_result("c"))

    # When
    ledger.reconnect()

    # Then
    assert _unsent(ledger) == ["b", "d"]
    assert (ledger.open, ledger.unacknowledged) == (3, 2)


def test_what_is_answered_before_its_turn_to_be_sent_again_is_not_sent() -> None:
    # Given an image whose Accepted was lost with the connection
    ledger = _ledger("a", "b")
    _unsent(ledger)
    ledger.reconnect()

    # When
    ledger.record(_result("a"))

    # Then
    assert _unsent(ledger) == ["b"]


def test_a_second_result_for_an_image_is_none() -> None:
    # Given
    ledger = _ledger("a")
    first = ledger.record(_result("a", "1"))

    # When
    second = ledger.record(_result("a", "2"))

    # Then
    assert first is not None
    assert first.case_id == "case 1"
    assert second is None
    assert ledger.cursor == "2"


def test_the_job_and_its_cursor_are_kept() -> None:
    # Given
    ledger = _ledger("a")

    # When
    ledger.record(
        pb.ClassifyMicrographsResponse(job_opened=pb.JobOpened(job="job 1"), cursor="0-0")
    )
    ledger.record(_accepted("a"))

    # Then
    assert (ledger.job, ledger.cursor) == ("job 1", "0-0")


def test_a_rejected_image_is_answered() -> None:
    # Given
    ledger = _ledger("a")
    ledger.complete = True
    error = status_of(code_pb2.ALREADY_EXISTS, "Other bytes.", "IMAGE_ID_CONFLICT")

    # When
    result = ledger.record(
        pb.ClassifyMicrographsResponse(rejected=pb.Rejected(image_id="a", error=error))
    )

    # Then
    assert isinstance(result, MicrographResult)
    assert result.error is not None
    assert result.error.reason == "IMAGE_ID_CONFLICT"
    assert ledger.done


def test_a_response_newer_than_this_client_changes_nothing() -> None:
    # Given
    ledger = _ledger("a")

    # When
    result = ledger.record(pb.ClassifyMicrographsResponse())

    # Then
    assert result is None
    assert ledger.open == 1


def test_a_ledger_of_cases_is_done_when_every_case_has_its_result_once() -> None:
    # Given
    ledger = Ledger(cases=True)
    ledger.complete = True
    case = pb.ClassifyMicrographsResponse(case_result=CaseMessage(case_id="one", final=True))
    so_far = pb.ClassifyMicrographsResponse(case_result=CaseMessage(case_id="one"))

    # When
    assert not ledger.done
    ledger.record(pb.ClassifyMicrographsResponse(closed=pb.Closed(case_results=1)))
    told = [ledger.record(so_far), ledger.record(case), ledger.record(case), ledger.record(so_far)]

    # Then
    assert [found is not None for found in told] == [True, True, False, False]
    assert ledger.done
