"""A server that speaks S3 and asks for credentials: moto's, as a process of its own.

It keeps objects in memory and forgets them when it ends. What it does not show: latency, being
told to slow down, TLS, a full disk.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from services.common.settings import S3Settings

START_SECONDS = 30.0
BUCKET = "images"
UNASKED = 4
"""Requests that make a user with a key and a bucket; credentials are asked for from the next on."""


@dataclass
class S3Server:
    """Start it, end it, start it again: on the same port, with another key, empty."""

    port: int
    key: str = ""
    secret: str = field(default="", repr=False)
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """As DENSA_S3_ENDPOINT has it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """As DENSA_STORE_URL has it."""
        return f"s3://{BUCKET}/densa"

    def settings(self, **others: Any) -> S3Settings:
        """How it is reached."""
        return S3Settings(
            endpoint=self.endpoint,
            **{"access_key": self.key, "secret_key": self.secret, **others},
        )

    def environment(self) -> dict[str, str]:
        """The same, for a process."""
        return {
            "DENSA_STORE_URL": self.url,
            "DENSA_S3_ENDPOINT": self.endpoint,
            "DENSA_S3_ACCESS_KEY": self.key,
            "DENSA_S3_SECRET_KEY": self.secret,
        }

    def start(self) -> None:
        """Starts it, with an empty bucket."""
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("moto_server"), "-p", str(self.port)],
            env={**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(UNASKED)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                break
            except OSError:
                assert time.monotonic() < end, "moto_server does not answer"
                time.sleep(0.05)
        anybody = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
        with self._client("iam", anybody) as iam:
            iam.create_user(UserName="densa")
            made = iam.create_access_key(UserName="densa")["AccessKey"]
            may = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
            policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
            iam.put_user_policy(UserName="densa", PolicyName="s3", PolicyDocument=policy)
        with self._client("s3", anybody) as s3:
            s3.create_bucket(Bucket=BUCKET)
        self.key, self.secret = made["AccessKeyId"], made["SecretAccessKey"]

    def keys(self) -> list[str]:
        """Names of the images in it."""
        ours = {"aws_access_key_id": self.key, "aws_secret_access_key": self.secret}
        with self._client("s3", ours) as s3:
            found = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return [entry["Key"] for entry in found if not entry["Key"].endswith(".clock")]

    def delete_bucket(self) -> None:
        """Empties it and removes it."""
        ours = {"aws_access_key_id": self.key, "aws_secret_access_key": self.secret}
        with self._client("s3", ours) as s3:
            for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
                s3.delete_object(Bucket=BUCKET, Key=entry["Key"])
            s3.delete_bucket(Bucket=BUCKET)

    def kill(self) -> None:
        """SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    @contextmanager
    def _client(self, service: str, who: dict[str, str]) -> Iterator[Any]:
        client = boto3.client(service, endpoint_url=self.endpoint, region_name="us-east-1", **who)
        try:
            yield client
        finally:
            client.close()


@contextmanager
def running_s3() -> Iterator[S3Server]:
    """A server of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = S3Server(free.getsockname()[1])
    server.start()
    try:
        yield server
    finally:
        server.kill()
