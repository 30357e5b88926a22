"""Settings of the gateway process alone; the only reader of the environment in this room."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


class GatewaySettings(BaseSettings):
    """Address, limits and patience of one gateway."""

    model_config = SettingsConfigDict(env_prefix="DENSA_GATEWAY_", frozen=True)

    host: str = "127.0.0.1"
    """Address to listen on. 0.0.0.0 for every interface."""

    port: int = Field(default=50051, ge=0, le=65535)
    """Port to listen on. 0 takes a free one and logs it."""

    admin_token: str = ""
    """Secret by which operators prove to be such when they change models (metadata
    densa-admin-token; `densa models --token`). Empty: nobody may. `densa up` makes one."""

    max_image_bytes: int = Field(default=64 * MIB, ge=1024)
    """Largest image taken, in bytes."""

    message_slack_bytes: int = Field(default=16 * MIB, ge=64 * 1024)
    """How far over `max_image_bytes` a message may be and still be rejected alone, with a
    reason. Beyond it gRPC ends the call. More costs memory to whoever sends too much."""

    stream_window: int = Field(default=256, ge=1)
    """Accepted images without result, per stream, before the gateway stops reading it and
    flow control holds the client. Larger keeps workers busier behind slow clients."""

    max_unary: int = Field(default=1024, ge=1)
    """Unary calls waiting at once in this gateway; one more is refused with RESOURCE_EXHAUSTED."""

    max_unary_bytes: int = Field(default=1024 * MIB, ge=1024)
    """Bytes of the images of unary calls waiting at once in this gateway, which it has in memory;
    beyond it a call is refused with RESOURCE_EXHAUSTED."""

    max_queued_images: int = Field(default=50_000, ge=1)
    """Accepted images without result, in all gateways together. Beyond it unary calls are refused
    with RESOURCE_EXHAUSTED and streams wait. STAT may use all of it, ROUTINE 90 %, BULK 80 %; one
    submitter half."""

    max_queued_bytes: int = Field(default=16 * 1024 * MIB, ge=1024)
    """The same in bytes of the image store. Less than its disk has."""

    unary_timeout_seconds: float = Field(default=300.0, gt=0)
    """How long a unary call without a deadline of its own may wait."""

    stream_idle_seconds: float = Field(default=600.0, gt=0)
    """A stream that neither sends nor waits for a result is ended after this long."""

    stop_grace_seconds: float = Field(default=10.0, ge=0)
    """After SIGTERM, how long running calls may finish."""
