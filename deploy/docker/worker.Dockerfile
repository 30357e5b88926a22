# The worker: Celery, decoding, ONNX Runtime and the model bundle. No gRPC server, no torch.
FROM python:3.11-slim-bookworm AS build
# worker.txt has ONNX Runtime for CPUs, worker-gpu.txt the one for CUDA with its libraries.
ARG REQUIREMENTS=worker.txt
COPY requirements/${REQUIREMENTS} /tmp/requirements.txt
RUN python -m venv --without-pip /opt/densa \
    && pip --python /opt/densa/bin/python install --no-cache-dir --no-compile --require-hashes \
        --disable-pip-version-check --root-user-action=ignore -r /tmp/requirements.txt
COPY services/common /opt/densa/app/services/common
COPY services/inference /opt/densa/app/services/inference
COPY services/worker /opt/densa/app/services/worker
COPY models /opt/densa/app/models
RUN /opt/densa/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/densa

FROM python:3.11-slim-bookworm
# The gateway's image has the same user, so that both own the files of the image store.
RUN groupadd --gid 10001 densa \
    && useradd --uid 10001 --gid densa --no-create-home --shell /usr/sbin/nologin densa \
    && install -d -o densa -g densa /var/lib/densa/images
COPY --from=build /opt/densa /opt/densa
ENV PYTHONPATH=/opt/densa/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DENSA_STORE_PATH=/var/lib/densa/images \
    DENSA_LOG_FORMAT=json \
    DENSA_HEALTH_FILE=/tmp/healthy
WORKDIR /opt/densa/app
USER 10001:10001
VOLUME /var/lib/densa/images
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/opt/densa/bin/python", "-I", "-S", "/opt/densa/app/services/common/probe.py", "/tmp/healthy"]
ENTRYPOINT ["/opt/densa/bin/python", "-m", "services.worker"]
