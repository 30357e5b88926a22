"""Settings that two processes share. The only reader of the environment in this room.

Each field's docstring says what it is, its unit and what it trades. The names of
the variables are the prefix and the field in capitals: DENSA_REDIS_URL.
"""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.common.redis_urls import is_understood, with_password


class RedisSettings(BaseSettings):
    """Where Redis is and how long a job lives in it."""

    model_config = SettingsConfigDict(env_prefix="DENSA_REDIS_", frozen=True)

    url: str = "redis://127.0.0.1:6379/0"
    """redis://[:password@]host:port/db, rediss:// for TLS, or unix://[:password@]/path.sock;
    with Sentinel sentinel://[:password@]host:port,host:port,host:port/PRIMARY[/db], where PRIMARY
    is the sentinels' name for it. Both the queue and the jobs live there."""

    password: SecretStr = SecretStr("")
    """Password of Redis as it is, where `url` names none; there / @ : # ? and % would have to be
    percent-encoded. Under docker compose it is required, and Redis is started with it."""

    sentinel_password: SecretStr = SecretStr("")
    """Password of the sentinels, where they have one."""

    wait_replicas: int | None = Field(default=None, ge=0)
    """Replicas that must have an image before it counts as accepted, and a result before it is
    shown and its pixels are deleted; without them, callers are told to come back. Default: 1 with
    sentinel://, else 0. Costs a round trip between the hosts."""

    job_ttl_seconds: int = Field(default=7 * 24 * 3600, ge=60)
    """A job and its results are forgotten this long after its last image or result.
    Longer lets a client come back later; every result costs about 1 KB of Redis."""

    @field_validator("url")
    @classmethod
    def _understood(cls, url: str) -> str:
        if not is_understood(url):
            raise ValueError(
                "should be redis://[:password@]host:port/db, rediss://, unix:// or sentinel://; a "
                "password with / @ : # ? or % goes into DENSA_REDIS_PASSWORD as it is"
            )
        return url

    @property
    def full_url(self) -> str:
        """`url` with `password` in it, unless it names one itself."""
        return with_password(self.url, self.password.get_secret_value())


class StoreSettings(BaseSettings):
    """Where the pixels wait for their worker."""

    model_config = SettingsConfigDict(env_prefix="DENSA_STORE_", frozen=True)

    url: str = ""
    """s3://BUCKET or s3://BUCKET/PREFIX: images are objects there, for gateways and workers on
    many hosts. Empty: files in `path`. The same for every gateway and worker; see DENSA_S3_."""

    path: Path = Path(".densa/images")
    """Directory of the image store, the same for every gateway and worker. An image is
    removed when its result is written."""

    fsync: bool = False
    """Whether Accepted waits for the disk. Off survives the death of any process; on
    survives the loss of power as well, at the price of the disk's latency per image."""

    retain_days: float = Field(default=0.0, ge=0, le=3650)
    """How many days an image is kept after it was accepted, while its job is; images of
    jobs that were deleted or expired, and of answered calls, go with the next sweep. 0 (default):
    an image goes when its result is written. More takes room on the disk, and holds images of
    patients. The same for every gateway and worker."""

    sweep_seconds: float = Field(default=600.0, ge=10)
    """How often a gateway looks for images that nobody needs any more: of jobs that are gone or
    done. Only such as are older than this are removed."""


class S3Settings(BaseSettings):
    """How an image store on S3 is reached; read where DENSA_STORE_URL names one."""

    model_config = SettingsConfigDict(env_prefix="DENSA_S3_", frozen=True)

    endpoint: str = ""
    """https://HOST:PORT of an S3-compatible server; http:// goes unencrypted, for a network that
    is your own. Empty: AWS."""

    region: str = "us-east-1"
    """Region of the bucket. Servers that know none take any."""

    access_key: str = ""
    """Access key id. Empty: found as AWS's own tools do, in AWS_ACCESS_KEY_ID and
    AWS_SECRET_ACCESS_KEY, a web identity (Kubernetes) or the instance's role."""

    secret_key: SecretStr = SecretStr("")
    """Secret of `access_key`."""

    ca_file: str = ""
    """PEM file of a certificate authority to trust besides the system's, for a server whose
    certificate is your own."""

    timeout_seconds: float = Field(default=20.0, gt=0)
    """How long one request may take. One that fails is sent again twice, unless 30 s are over.
    Longer for large images on slow lines; meanwhile a caller waits."""


class QueueSettings(BaseSettings):
    """The Celery queue between gateway and worker."""

    model_config = SettingsConfigDict(env_prefix="DENSA_QUEUE_", frozen=True)

    name: str = "densa.classify"
    """Name of the queue; the gateway and its workers must agree on it."""

    visibility_timeout_seconds: int = Field(default=600, ge=1)
    """A wake-up that a worker took and never acknowledged is given out again after this long.
    Nothing depends on it: work is found again by its leases."""


class LeaseSettings(BaseSettings):
    """How it is noticed that a worker died with images in hand."""

    model_config = SettingsConfigDict(env_prefix="DENSA_LEASE_", frozen=True)

    seconds: float = Field(default=6.0, ge=1)
    """An image whose worker was silent for so long is given to another. Shorter recovers
    sooner; too short takes images from workers that are only slow."""

    renew_seconds: float = Field(default=1.5, gt=0)
    """How often a worker says that it is alive; a quarter of `seconds` or less."""

    max_attempts: int = Field(default=3, ge=1)
    """Workers that may die with the same image in hand before it gets an error as its
    result. From the second on it runs with nothing else in hand in its worker."""


class MetricsSettings(BaseSettings):
    """Where a gateway or worker answers Prometheus. Each process needs a port of its own."""

    model_config = SettingsConfigDict(env_prefix="DENSA_METRICS_", frozen=True)

    host: str = "127.0.0.1"
    """Address of the metrics. 0.0.0.0 for every interface: only on a network that is your own,
    for whoever reaches it may read how much is done, though nothing of any image."""

    port: int = Field(default=0, ge=0, le=65535)
    """Port of GET /metrics; 0 serves none. Containers use 9464."""


class HealthSettings(BaseSettings):
    """How the health check of a container sees that a process does its work."""

    model_config = SettingsConfigDict(env_prefix="DENSA_HEALTH_", frozen=True)

    file: str = ""
    """File for a sign of life, given every second while a gateway serves or a worker consumes;
    `services/common/probe.py` reads it. Empty: none. Containers have one in /tmp."""


class TracesSettings(BaseSettings):
    """Where traces go. One setting turns them on."""

    model_config = SettingsConfigDict(env_prefix="DENSA_TRACES_", frozen=True)

    endpoint: str = ""
    """A collector that speaks OTLP over gRPC, as http://collector:4317; https for TLS. Empty: no
    traces, and nothing is loaded for them. A client that sends none begins a trace per call."""


class LogSettings(BaseSettings):
    """How a process logs, always to standard error."""

    model_config = SettingsConfigDict(env_prefix="DENSA_LOG_", frozen=True)

    format: Literal["console", "json"] = "console"
    """console for people, json for machines: one object a line."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least severe event that is logged."""


def given() -> tuple[str, ...]:
    """The names of all of Densa's variables that the environment has."""
    return tuple(sorted(name for name in os.environ if name.startswith("DENSA_")))


def without_effect() -> tuple[str, ...]:
    """The names of variables that somebody gave and docker-compose.yml sets itself."""
    return tuple(os.environ.get("DENSA_WITHOUT_EFFECT", "").split())
