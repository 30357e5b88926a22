"""The pool of decoder processes, and what is said of an image that one of them did not survive."""

import os
import signal
import threading
from typing import NoReturn

import numpy as np
import structlog

from services.common.errors import DensaError, Unavailable, from_record
from services.inference.classifier import PreparedImage
from services.inference.decoding import DecodeLimits
from services.inference.preparation import check_pixel_size
from services.inference.preprocessing import ModelInput, Windows
from services.inference.sandbox.decoder_process import (
    FORK_SERVER,
    DecoderProcess,
    ForkServer,
    ForkServerGoneError,
)
from services.inference.sandbox.failures import crashed, took_too_long, took_too_much
from services.inference.sandbox.messages import Order, Prepared, Reply, decode_reply, encode_order

log = structlog.get_logger()

MOST_REPLY_BYTES = 8 * 1024 * 1024
"""A description of 4096 windows takes a tenth of it."""

LARGEST_DESK_KEPT = 8 * 1024 * 1024
"""Memory that a decoder keeps for the next image; what a large one took beyond goes back."""


class PerhapsInnocentError(Exception):
    """A decoder did not survive an image, for a reason that need not be the image's."""

    def __init__(self, error: DensaError) -> None:
        super().__init__(error.message)
        self.error = error


class Sandbox:
    """Reads images in processes of their own. Safe to use from several threads.

    An image that crashes its decoder, takes too long or too much memory gets an error of its
    own, at once, and its decoder is replaced. Only where something else may have been the
    cause (killed from outside, memory that others had left behind) it is tried once more.

    Args:
        processes: Images that are read at once.
        seconds: How long one may take.
        memory_bytes: What one may take.
        module: The fork server's.
    """

    def __init__(
        self, processes: int, seconds: float, memory_bytes: int, module: str = FORK_SERVER
    ) -> None:
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._module = module
        self._places = threading.Semaphore(processes)
        self._lock = threading.Lock()
        self._idle: list[DecoderProcess] = []
        self._closed = False
        self._server = ForkServer(module)

    def prepare(
        self,
        image: bytes,
        pixel_size_nm: float | None,
        model_input: ModelInput,
        limits: DecodeLimits,
        max_windows: int,
    ) -> PreparedImage:
        """As services.inference.preparation.prepare_image, whose errors it passes on.

        Raises InvalidImage as well: DECODE_CRASHED, DECODE_TIMEOUT, DECODE_MEMORY; and
        Unavailable where no process can be started.
        """
        check_pixel_size(pixel_size_nm)  # JSON has no NaN
        order = Order(
            len(image), pixel_size_nm, model_input, limits, max_windows, seconds=self._seconds
        )
        with self._places:
            try:
                return self._attempt(image, order, self._take())
            except PerhapsInnocentError as first:
                log.warning("decoding_tried_again", reason=first.error.reason)
            try:
                return self._attempt(image, order, self._fork(), fresh=True)
            except PerhapsInnocentError as second:
                raise second.error from None

    def close(self) -> None:
        """Ends all processes."""
        self._closed = True
        self._server.close()
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def _take(self) -> DecoderProcess:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._fork()

    def _fork(self) -> DecoderProcess:
        server = self._server
        try:
            return server.fork(self._memory_bytes, self._seconds)
        except ForkServerGoneError as error:
            log.warning("fork_server_gone", error=str(error))
        try:
            return self._server_after(server).fork(self._memory_bytes, self._seconds)
        except ForkServerGoneError as error:
            raise Unavailable(
                "No process that reads images can be started.", reason="DECODER_UNAVAILABLE"
            ) from error

    def _server_after(self, gone: ForkServer) -> ForkServer:
        """Another fork server, which is one for all who miss the same."""
        with self._lock:
            if self._server is gone and not self._closed:
                gone.close()
                while self._idle:  # they went with it
                    self._idle.pop().close()
                self._server = ForkServer(self._module)
            return self._server

    def _attempt(
        self, image: bytes, order: Order, decoder: DecoderProcess, *, fresh: bool = False
    ) -> PreparedImage:
        """Raises what is to be said of the image, or PerhapsInnocentError."""
        try:
            os.pwrite(decoder.desk, image, 0)
            decoder.connection.send_bytes(encode_order(order))
            reply = decode_reply(decoder.connection.recv_bytes(MOST_REPLY_BYTES))
        except BlockingIOError:
            self._end(decoder)
            raise took_too_long(order.seconds) from None
        except (EOFError, OSError):
            self._say_why_it_ended(self._end(decoder))
        if reply is not None and reply.error is not None:
            self._give_back(decoder, order.size)
            raise from_record(reply.error)
        prepared = _read(reply, order, decoder.desk) if reply is not None else None
        if prepared is not None:
            self._give_back(decoder, order.size)
            return prepared
        self._end(decoder)
        if reply == Reply():
            error = took_too_much(self._memory_bytes)
            raise error if fresh else PerhapsInnocentError(error)
        raise crashed("it answered with nonsense")

    def _give_back(self, decoder: DecoderProcess, used: int) -> None:
        if used > LARGEST_DESK_KEPT:
            os.ftruncate(decoder.desk, 0)
        with self._lock:
            self._idle.append(decoder)

    def _end(self, decoder: DecoderProcess) -> int:
        """Ends a decoder; the number of the signal it ended by, SIGKILL where nobody knows."""
        try:
            return self._server.end(decoder)
        except ForkServerGoneError:
            return signal.SIGKILL

    def _say_why_it_ended(self, number: int) -> NoReturn:
        if self._closed:
            raise Unavailable("This worker is stopping.", reason="SHUTTING_DOWN")
        log.warning("decoder_ended", signal=number)
        how = signal.Signals(number).name if number else "it ended by itself"
        error = crashed(how)
        # Decoders do not send themselves SIGKILL: an operator did, or a kernel short of memory.
        raise PerhapsInnocentError(error) if number == signal.SIGKILL else error


def _read(reply: Reply, order: Order, desk: int) -> PreparedImage | None:
    """The image as the decoder describes it, with its pixels; None where it cannot be."""
    said: Prepared | None = reply.prepared
    if said is None or not len(said.boxes) == said.summary.windows <= order.max_windows:
        return None
    size = order.model_input.size
    pixels = np.empty((len(said.boxes), 1, size, size), np.uint8)
    if not pixels.size or os.preadv(desk, [pixels.data], 0) != pixels.nbytes:
        return None
    return PreparedImage(
        windows=Windows(pixels, said.boxes, said.pixel_size_nm, said.assumed),
        summary=said.summary,
        findings=said.findings,
        decode_seconds=said.decode_seconds,
        pixel_size_tag=said.pixel_size_tag,
    )
