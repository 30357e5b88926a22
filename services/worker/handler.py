"""The work on one micro-batch, without Celery: fetch, decode, classify, write.

Images are decoded in a pool shared by all micro-batches in hand, so that one
micro-batch decodes while another is in the model. An image that cannot be
classified fails alone: the others of its micro-batch go on.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from services.common.errors import DensaError, InternalError, Unavailable
from services.common.image_store import ImageStore, image_key
from services.common.logging import image_tag
from services.common.messages import ImageRecord, ImageRef, Outcome
from services.inference.classifier import Classifier, PreparedImage
from services.worker.aftercare import Aftercare
from services.worker.job_ledger import Claim, JobLedger
from services.worker.observer import Observer
from services.worker.verdicts import Dismissed, sort_out

log = structlog.get_logger()


class Handler:
    """Turns micro-batches into outcomes. Safe to call from several threads."""

    def __init__(
        self,
        classifier: Classifier,
        ledger: JobLedger,
        store: ImageStore,
        decoders: ThreadPoolExecutor,
        *,
        group_windows: int,
        observer: Observer | None = None,
        aftercare: Aftercare | None = None,
    ) -> None:
        self._classifier = classifier
        self._ledger = ledger
        self._store = store
        self._decoders = decoders
        self._group_windows = group_windows
        self._observer = observer or Observer()
        self._aftercare = aftercare or Aftercare(store)

    def handle(self, claim: Claim) -> None:
        """Gives each claimed image its outcome.

        Raises:
            Unavailable: the image store cannot be read, no process can read images, or
                Redis cannot be written; images without outcome should run again.
        """
        with self._observer.claimed(claim):
            self._handle(claim, time.perf_counter())

    def _handle(self, claim: Claim, claimed: float) -> None:
        records, dismissed = sort_out(claim)
        # A lone image does not queue behind the other micro-batches' images for a decoder's thread.
        start = self._at_once if len(records) == 1 else self._decoders.submit
        decoding = [
            (image, record, start(self._prepare, image, record))
            for image, record in records.items()
        ]
        if dismissed:  # first: for them nothing need be waited for
            self._write(dismissed, claim, claimed)
        for group in self._groups(decoding):
            outcomes = list(self._classify(group, claim.claimed_at))
            self._write([(image, records[image], made) for image, made in outcomes], claim, claimed)

    @staticmethod
    def _at_once(
        prepare: Callable[[ImageRef, ImageRecord], PreparedImage | DensaError],
        image: ImageRef,
        record: ImageRecord,
    ) -> Future[PreparedImage | DensaError]:
        future: Future[PreparedImage | DensaError] = Future()
        try:
            future.set_result(prepare(image, record))
        except Unavailable as error:
            future.set_exception(error)
        return future

    def _write(self, outcomes: Sequence[Dismissed], claim: Claim, claimed: float) -> None:
        """Writes the outcomes, and lets go of the pixels where they last."""
        began = time.perf_counter()
        lasting = self._ledger.write([(image, outcome) for image, _, outcome in outcomes])
        self._observer.written(outcomes, claim, claimed, began)
        if not lasting:  # the image may run again; else the store's sweep comes by later
            return
        for image, record, outcome in outcomes:
            if record is not None:
                self._aftercare.finished(image, record, outcome)

    def _prepare(self, image: ImageRef, record: ImageRecord) -> PreparedImage | DensaError:
        """The decoded image, or why it cannot be decoded. Raises Unavailable."""
        began = time.perf_counter()
        pixels = self._store.get(image_key(image.job, image.image_id, record.digest))
        self._observer.fetched(image, record, began)
        if pixels is None:
            return InternalError("The image is no longer in the image store.")
        began = time.perf_counter()
        try:
            return self._classifier.prepare(pixels, record.details.pixel_size_nm)
        except Unavailable:
            raise  # not the image's fault: it waits again
        except DensaError as error:
            return error
        except Exception:
            log.exception("decoding_failed", job=image.job, image=image_tag(record.digest))
            return InternalError("Reading this image failed inside the service.")
        finally:
            self._observer.decoded(image, record, began)

    def _groups(self, decoding: Sequence["_Decoding"]) -> Iterator[list["_Decoded"]]:
        """Decoded images in the order given, as many at a time as the model takes in one run.

        The first groups are in the model, and their outcomes written, while the
        last images are still decoding.
        """
        group: list[_Decoded] = []
        windows = 0
        for image, record, future in decoding:
            prepared = future.result()
            size = 0 if isinstance(prepared, DensaError) else prepared.summary.windows
            if group and windows + size > self._group_windows:
                yield group
                group, windows = [], 0
            group.append((image, record, prepared))
            windows += size
            if windows >= self._group_windows:  # full: do not wait for the next to be decoded
                yield group
                group, windows = [], 0
        if group:
            yield group

    def _classify(
        self, group: Sequence["_Decoded"], began_at: float
    ) -> Iterable[tuple[ImageRef, Outcome]]:
        ready = [(i, r, p) for i, r, p in group if not isinstance(p, DensaError)]
        began = time.perf_counter()
        try:
            answers = self._classifier.classify(
                [prepared for _, _, prepared in ready],
                [record.details.heat_maps for _, record, _ in ready],
            )
        except Exception:
            log.exception("classification_failed", images=len(ready))
            if len(group) > 1:  # one of them is to blame: each runs alone
                for one in group:
                    yield from self._classify([one], began_at)
                return
            answers = []
        self._observer.ran([(image, record) for image, record, _ in ready], began)
        by_image = dict(zip((image for image, _, _ in ready), answers, strict=False))
        for image, record, prepared in group:
            classification = by_image.get(image)
            error = None
            if classification is None:
                error = (
                    prepared
                    if isinstance(prepared, DensaError)
                    else InternalError("Running the model on this image failed.")
                ).to_record()
            queue_seconds = max(0.0, began_at - record.accepted_at)
            yield (
                image,
                Outcome(
                    *(image.image_id, record.details.case_id, classification, error),
                    queue_seconds,
                    record.details.traceparent or None,
                ),
            )


_Decoding = tuple[ImageRef, ImageRecord, Future[PreparedImage | DensaError]]
_Decoded = tuple[ImageRef, ImageRecord, PreparedImage | DensaError]
