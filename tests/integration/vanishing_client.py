"""A client process to be killed: opens a stream, sends, and says what it hears. ADDRESS COUNT."""

import asyncio
import sys

import grpc
from densa.v1 import classification_service_pb2 as service_pb

from tests.integration.calls import grey, stub_of


async def main(address: str, count: int) -> None:
    """Sends `count` images, prints the job and each accepted id, and stays."""
    async with grpc.aio.insecure_channel(address) as channel:
        call = stub_of(channel).ClassifyMicrographs()
        await call.write(service_pb.ClassifyMicrographsRequest(open_job=service_pb.OpenJob()))
        response = await call.read()
        print(response.job_opened.job, flush=True)
        for number in range(count):
            await call.write(
                service_pb.ClassifyMicrographsRequest(micrograph=grey(f"{number}", 20 + number))
            )
        while True:
            response = await call.read()
            if response.WhichOneof("response") == "accepted":
                print(response.accepted.image_id, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
