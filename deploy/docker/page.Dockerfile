# The page: HTTP for browsers, a client of the gateway. No Redis, no model, no ONNX Runtime.
FROM python:3.11-slim-bookworm AS build
COPY requirements/web.txt /tmp/requirements.txt
RUN python -m venv --without-pip /opt/densa \
    && pip --python /opt/densa/bin/python install --no-cache-dir --no-compile --require-hashes \
        --disable-pip-version-check --root-user-action=ignore -r /tmp/requirements.txt
COPY protos/gen /opt/densa/app/protos/gen
COPY services/client /opt/densa/app/services/client
COPY services/web /opt/densa/app/services/web
RUN /opt/densa/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/densa

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 densa \
    && useradd --uid 10001 --gid densa --no-create-home --shell /usr/sbin/nologin densa \
    && install -d -o densa -g densa /var/lib/densa/page
COPY --from=build /opt/densa /opt/densa
ENV PYTHONPATH=/opt/densa/app:/opt/densa/app/protos/gen \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DENSA_WEB_DATA=/var/lib/densa/page
WORKDIR /opt/densa/app
USER 10001:10001
EXPOSE 8080
VOLUME /var/lib/densa/page
HEALTHCHECK --interval=10s --timeout=10s --start-period=20s --retries=3 \
    CMD ["/opt/densa/bin/python", "-m", "services.web.probe"]
ENTRYPOINT ["/opt/densa/bin/python", "-m", "services.web"]
