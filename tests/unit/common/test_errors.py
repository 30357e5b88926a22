"""Errors cross processes as records and lose nothing on the way."""

import pytest

from services.common.errors import (
    KINDS,
    DensaError,
    InternalError,
    InvalidImage,
    Overloaded,
    from_record,
)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_error_survives_its_record(kind: type[DensaError]) -> None:
    # Given
    error = kind("What is wrong.", reason="SOME_REASON", field="micrograph.image")

    # When
    back = from_record(error.to_record())

    # Then
    assert type(back) is kind
    assert (back.message, back.reason, back.field) == (error.message, error.reason, error.field)
    assert str(back) == "What is wrong."


def test_every_kind_of_error_can_be_read_back() -> None:
    # Given
    def below(kind: type[DensaError]) -> set[type[DensaError]]:
        return {kind}.union(*(below(child) for child in kind.__subclasses__()))

    # Then
    assert below(DensaError) - {DensaError} == set(KINDS.values())


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_reason_of_its_own_does_not_change_the_kind(kind: type[DensaError]) -> None:
    # Given
    usual = kind("").reason

    # When
    special = kind("", reason="SPECIAL")

    # Then
    assert special.reason == "SPECIAL"
    assert kind("").reason == usual


def test_a_kind_of_another_version_keeps_its_reason_and_text_as_an_internal_error() -> None:
    # When
    error = from_record({"kind": "Tomorrow", "reason": "NEW", "message": "text", "field": "f"})

    # Then
    assert type(error) is InternalError
    assert (error.reason, error.message, error.field) == ("NEW", "text", "f")


def test_an_empty_record_is_an_internal_error() -> None:
    assert type(from_record({})) is InternalError
    assert from_record({}).reason == "INTERNAL"


def test_an_image_that_cannot_be_classified_names_its_field() -> None:
    assert InvalidImage("").field == "micrograph.image"
    assert from_record(InvalidImage("").to_record()).field == "micrograph.image"


def test_overloaded_says_when_to_come_back() -> None:
    assert Overloaded("full", retry_after=2.5).retry_after == 2.5
