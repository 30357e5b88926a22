# The one door to any number of gateways: Debian's nginx, which speaks HTTP/2 to both sides.
FROM debian:bookworm-slim
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends nginx-light curl \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /etc/nginx/sites-enabled
COPY deploy/proxy/nginx.conf /etc/nginx/nginx.conf
# What gRPC's health service is asked (an empty message), and how it says SERVING.
RUN mkdir /usr/share/densa \
    && printf '\0\0\0\0\0' >/usr/share/densa/health-check \
    && printf '\0\0\0\0\002\010\001' >/usr/share/densa/serving
USER www-data
EXPOSE 50051
# A gateway behind it answers that it serves: all the way that a call goes.
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s --retries=3 \
    CMD curl --silent --max-time 3 --http2-prior-knowledge --header 'content-type: application/grpc' \
        --header 'te: trailers' --data-binary @/usr/share/densa/health-check \
        http://127.0.0.1:50051/grpc.health.v1.Health/Check | cmp --silent - /usr/share/densa/serving
STOPSIGNAL SIGQUIT
ENTRYPOINT ["nginx", "-g", "daemon off;"]
