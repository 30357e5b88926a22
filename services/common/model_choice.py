"""Which model version is to answer: the operators' decision, as it stands in Redis.

One decision for all workers on all hosts. The bundles themselves stand in the model
repository of each worker; Redis holds names, versions and digests.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from services.common.classification import ModelIdentity

T = TypeVar("T")

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+([-+.][0-9A-Za-z.-]{1,64})?")


@dataclass(frozen=True, slots=True)
class ActiveModel:
    """The version that answers."""

    name: str
    version: str
    digest: str
    """Of the manifest that every worker verified: other bytes of that version are refused."""

    @property
    def identity(self) -> ModelIdentity:
        """The same, as answers name it."""
        return ModelIdentity(self.name, self.version, self.digest)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that workers are to prepare, so that the switch finds it loaded and verified."""

    request: str
    """Random: which activation asks. Workers name it in what they report."""
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class ShadowModel:
    """A version that classifies a share of the micrographs after they were answered."""

    request: str
    """Random: which call asked for it."""
    name: str
    version: str
    share: float
    """From 0 to 1."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """All that was decided. Nothing: each worker answers with the bundle it was started with."""

    active: ActiveModel | None = None
    candidate: Candidate | None = None
    shadow: ShadowModel | None = None


def decode_choice(found: Mapping[bytes, bytes]) -> ModelChoice:
    """The choice from the hash that holds it, of this version or the next."""
    return ModelChoice(
        decode_part(ActiveModel, found.get(b"active")),
        decode_part(Candidate, found.get(b"candidate")),
        decode_part(ShadowModel, found.get(b"shadow")),
    )


def decode_part(kind: type[T], text: bytes | None) -> T | None:
    """One part of it; unknown fields are ignored."""
    if text is None:
        return None
    read: dict[str, Any] = json.loads(text)
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # dataclasses all
    return kind(**{name: value for name, value in read.items() if name in names})


def encode_part(part: ActiveModel | Candidate | ShadowModel) -> str:
    """The inverse of `decode_part`."""
    return json.dumps(asdict(part))


def is_model_name(name: str) -> bool:
    """Whether a bundle could have this name; it then is no path out of a repository either."""
    return _NAME.fullmatch(name) is not None


def is_model_version(version: str) -> bool:
    """Whether a bundle could have this version; it then is no path out either."""
    return _VERSION.fullmatch(version) is not None
