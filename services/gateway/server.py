"""The grpc.aio server: options, services, health, reflection, graceful stop."""

from collections.abc import Sequence

import grpc
import structlog
from densa.v1 import (
    classification_service_pb2,
    classification_service_pb2_grpc,
    job_service_pb2,
    job_service_pb2_grpc,
    model_admin_service_pb2,
    model_admin_service_pb2_grpc,
    model_service_pb2,
    model_service_pb2_grpc,
    operations_service_pb2,
    operations_service_pb2_grpc,
)
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from services.common.errors import Unavailable
from services.gateway.health import Health
from services.gateway.job_servicer import JobServicer
from services.gateway.model_admin_servicer import ModelAdminServicer
from services.gateway.operations_servicer import OperationsServicer
from services.gateway.servicers import ClassificationServicer, ModelServicer
from services.gateway.settings import GatewaySettings

log = structlog.get_logger()

SERVICES = (
    classification_service_pb2.DESCRIPTOR.services_by_name["ClassificationService"].full_name,
    job_service_pb2.DESCRIPTOR.services_by_name["JobService"].full_name,
    model_service_pb2.DESCRIPTOR.services_by_name["ModelService"].full_name,
    model_admin_service_pb2.DESCRIPTOR.services_by_name["ModelAdminService"].full_name,
    operations_service_pb2.DESCRIPTOR.services_by_name["OperationsService"].full_name,
)

METHODS = frozenset(
    f"/{service.full_name}/{method.name}"
    for module in (
        classification_service_pb2,
        job_service_pb2,
        model_service_pb2,
        model_admin_service_pb2,
        operations_service_pb2,
    )
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
)
"""Every method of ours, as gRPC names it on the wire."""
MODEL_SERVICE = SERVICES[2]

HEALTH_NAMES = ("", *SERVICES)
"""What the health service knows: the whole server, and each service by name."""


class GatewayServer:
    """One server on one port."""

    def __init__(
        self,
        settings: GatewaySettings,
        interceptors: Sequence[grpc.aio.ServerInterceptor] = (),
    ) -> None:
        self._settings = settings
        size = settings.max_image_bytes + settings.message_slack_bytes
        self._server = grpc.aio.server(
            interceptors=interceptors,
            options=[
                ("grpc.max_receive_message_length", size),
                ("grpc.max_send_message_length", size),
                # Two gateways on one port by mistake must be an error, not a coin toss.
                ("grpc.so_reuseport", 0),
                # Clients behind hospital firewalls keep idle streams alive by pings.
                ("grpc.keepalive_permit_without_calls", 1),
                ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
                ("grpc.http2.max_ping_strikes", 0),
            ],
        )
        self.health = Health()

    def add(
        self,
        classification: ClassificationServicer,
        jobs: JobServicer,
        models: ModelServicer,
        admin: ModelAdminServicer,
        operations: OperationsServicer,
    ) -> None:
        """Registers the services, health and reflection."""
        server = self._server
        classification_service_pb2_grpc.add_ClassificationServiceServicer_to_server(
            classification, server
        )
        job_service_pb2_grpc.add_JobServiceServicer_to_server(jobs, server)
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(models, server)
        model_admin_service_pb2_grpc.add_ModelAdminServiceServicer_to_server(admin, server)
        operations_service_pb2_grpc.add_OperationsServiceServicer_to_server(operations, server)
        health_pb2_grpc.add_HealthServicer_to_server(self.health, server)
        reflection.enable_server_reflection(
            (*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME), server
        )

    async def start(self) -> int:
        """Listens, and returns the port. Raises Unavailable where it cannot."""
        await self.set_serving(serving=False)
        address = f"{self._settings.host}:{self._settings.port}"
        try:
            port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise Unavailable(
                f"{address} cannot be listened on: it is in use or not an address of this "
                "machine. Set DENSA_GATEWAY_PORT to a free port.",
                reason="ADDRESS_IN_USE",
            ) from error
        await self._server.start()
        return port

    async def set_serving(self, *, serving: bool, as_decided: bool = True) -> None:
        """Sets the health of every name; of MODEL_SERVICE, too, whether each worker answers with
        the version that was activated.
        """
        for name in HEALTH_NAMES:
            good = serving and (as_decided or name != MODEL_SERVICE)
            await self.health.set(
                name,
                health_pb2.HealthCheckResponse.SERVING
                if good
                else health_pb2.HealthCheckResponse.NOT_SERVING,
            )

    async def stop(self) -> None:
        """Refuses new calls and lets running ones finish for the grace period."""
        await self.health.enter_graceful_shutdown()
        await self._server.stop(self._settings.stop_grace_seconds)
