# Stands for the upstream Postgres image: the chart starts the programs itself.
ARG BASE_IMAGE
FROM ${BASE_IMAGE}
RUN mkdir -p /etc/postgresql-common \
    && echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf \
    && apt-get update \
    && apt-get install -y --no-install-recommends postgresql-15 \
    && rm -rf /var/lib/apt/lists/* /usr/lib/postgresql/15/lib/bitcode
ENV PATH=/usr/lib/postgresql/15/bin:$PATH
USER 10001:10001
EXPOSE 5432
STOPSIGNAL SIGINT
CMD ["postgres"]
