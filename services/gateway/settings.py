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

    unary_timeout_seconds: float = Field(default=300.0, gt=0)
    """How long a unary call without a deadline of its own may wait."""

    stream_idle_seconds: float = Field(default=600.0, gt=0)
    """A stream that neither sends nor waits for a result is ended after this long."""

    batch_size: int = Field(default=16, ge=1, le=256)
    """Images in one Celery task at most. Larger costs less per image under load."""

    batch_wait_seconds: float = Field(default=0.02, ge=0)
    """How long an image waits for others while the workers are busy. With idle workers it
    goes at once, whatever this says."""

    stop_grace_seconds: float = Field(default=10.0, ge=0)
    """After SIGTERM, how long running calls may finish."""
