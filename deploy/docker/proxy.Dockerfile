# The one door to any number of gateways: Debian's nginx, which speaks HTTP/2 to both sides.
FROM debian:bookworm-slim
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends nginx-light \
    && rm -rf /var/lib/apt/lists/* /etc/nginx/sites-enabled
COPY deploy/proxy/nginx.conf /etc/nginx/nginx.conf
USER www-data
EXPOSE 50051
STOPSIGNAL SIGQUIT
ENTRYPOINT ["nginx", "-g", "daemon off;"]
