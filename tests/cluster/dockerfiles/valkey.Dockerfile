# Stands for the upstream Valkey image, with the server that Debian has.
ARG BASE_IMAGE
FROM ${BASE_IMAGE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends redis-server \
    && rm -rf /var/lib/apt/lists/* \
    && ln -s redis-server /usr/bin/valkey-server \
    && ln -s redis-cli /usr/bin/valkey-cli
WORKDIR /data
USER 10001:10001
EXPOSE 6379
CMD ["valkey-server"]
