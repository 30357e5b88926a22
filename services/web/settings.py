"""Settings of the page; the only reader of the environment in this room."""

import ipaddress
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebSettings(BaseSettings):
    """Where the page listens, whom it asks and what it keeps."""

    model_config = SettingsConfigDict(env_prefix="DENSA_WEB_", frozen=True)

    host: str = "127.0.0.1"
    """Address to listen on. Another than loopback needs `user_header`."""

    port: int = Field(default=8080, ge=0, le=65535)
    """Port to listen on."""

    gateway: str = "127.0.0.1:50051"
    """HOST:PORT of the gateway."""

    data: Path = Path("densa-web")
    """Directory of what the page keeps: images, previews, results and readers' calls."""

    user_header: str = ""
    """Header in which the proxy in front of the page names who is logged in, for example
    X-Forwarded-User. Requests without it are refused. Empty: no login, on loopback only. The
    proxy must remove the header from what comes from outside."""

    open: bool = False
    """Serve without a login on another address than loopback, because something else lets only
    this host connect: the port of a container that is published on loopback alone."""

    allowed_hosts: str = "127.0.0.1,localhost"
    """Names under which browsers may ask for the page, with commas between."""

    max_image_bytes: int = Field(default=64 * 1024 * 1024, ge=1024)
    """Largest file taken. Not more than the gateway takes."""

    case_quiet_seconds: float = Field(default=60.0, gt=0)
    """Seconds without another image of a case, or an upload under way, after which the case is
    closed and its result final. With a later image the whole case is answered again."""

    retain_days: float = Field(default=30.0, gt=0)
    """Days after which the files and previews of an image are removed. Results and readers' calls
    stay until they are deleted."""

    @property
    def loopback(self) -> bool:
        """Whether only this machine can connect."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"
