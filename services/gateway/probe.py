"""`python -m services.gateway.probe`: 0 where this host's gateway serves, else 1 and why.

For the health checks of containers: it asks what any client can ask.
"""

import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.gateway.settings import GatewaySettings

ANSWER_SECONDS = 3.0


def ask(address: str) -> str:
    """The health of the gateway at `address` in one word, or why it cannot be had."""
    with grpc.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        try:
            answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=ANSWER_SECONDS)
        except grpc.RpcError as error:
            return f"no answer from {address}: {error.code().name}"
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


def main() -> int:
    """Prints what was found."""
    found = ask(f"127.0.0.1:{GatewaySettings().port}")
    sys.stdout.write(found + "\n")
    return 0 if found == "SERVING" else 1


if __name__ == "__main__":
    sys.exit(main())
