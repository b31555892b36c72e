# The program and what it needs, nothing of yours: settings, library and editions live in /data, secrets come when it runs.
# docs/operating.md, "In a container". The Python is that of CI; requirements.lock pins the rest by hash.
ARG BASE=python:3.11-slim-bookworm

FROM $BASE AS build
COPY requirements.lock /src/
RUN python -m venv /opt/harvester && \
    /opt/harvester/bin/pip install --no-cache-dir --require-hashes -r /src/requirements.lock
COPY . /src
RUN /opt/harvester/bin/pip install --no-cache-dir --no-deps --no-build-isolation /src

FROM $BASE
COPY --from=build /opt/harvester /opt/harvester
# A number of its own, so that the owner of a folder that is mounted can be set before.
RUN install -d -o 10001 -g 10001 /data
USER 10001:10001
ENV PATH=/opt/harvester/bin:$PATH HOME=/tmp
WORKDIR /data
VOLUME /data
# For a container that stays; Docker knows healthy (0) and not (1) only.
HEALTHCHECK --interval=1h --timeout=1m --start-period=1h CMD ["sh", "-c", "harvester status --nagios || exit 1"]
ENTRYPOINT ["harvester"]
CMD ["--help"]
