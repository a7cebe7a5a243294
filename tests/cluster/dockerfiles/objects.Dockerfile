# Stands for the upstream image of the object store: the one static program, at its place there.
FROM scratch
COPY versitygw /usr/local/bin/versitygw
ENV PATH=/usr/local/bin
USER 10001:10001
EXPOSE 7070
ENTRYPOINT ["/usr/local/bin/versitygw"]
