# Builds on python:slim. BASE may name another image with a Python of 3.11 or later: a mirror's, one held by its digest
# (python:3.13-slim@sha256:…, which `docker buildx imagetools inspect python:3.13-slim` tells), or plain Debian with
# python3, python3-venv and ca-certificates. By default none is held: a build takes the newest corrections of Debian and
# Python, and what tonle installs into it is held by requirements.lock.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
WORKDIR /opt/tonle
# The dependencies come first: a change of the sources alone does not fetch them again.
COPY requirements.lock ./
RUN python3 -m venv .venv \
 && .venv/bin/python -m pip install -q --no-deps --require-hashes -r requirements.lock
COPY . .
# Readable for all, even from a checkout that was private. Compiled here, since the user of the image may not write
# here. setuptools was needed for this step alone, and nothing is to be installed into the image later. The packages'
# own tests are no use to anybody here.
RUN .venv/bin/python -m pip install -q --no-deps --no-build-isolation -e . \
 && chmod -R a+rX,go-w . \
 && .venv/bin/python -m compileall -q -x '/[.]venv/' . \
 && .venv/bin/python -m pip uninstall -q -y setuptools pip \
 && find .venv/lib -depth -type d \( -name tests -o -name test \) -exec rm -rf {} + \
 && rm -rf build ./*.egg-info

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="tonle" \
      org.opencontainers.image.description="Watches what government, UN and civil society say about human rights in Cambodia" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# An own user: a flaw in the reading of strangers' pages is not to be one of root's. The base's own pip goes too: who
# breaks in is not to find it.
RUN useradd --create-home --uid 10001 --shell /usr/sbin/nologin tonle \
 && install -d -o tonle -g tonle -m 700 /data /backups \
 && install -d /etc/tonle /run/secrets \
 && for each in pip setuptools wheel pkg_resources _distutils_hack distutils-precedence; do \
        rm -rf /usr/local/lib/python3*/site-packages/"$each"* /usr/lib/python3/dist-packages/"$each"*; \
    done \
 && rm -rf /usr/local/lib/python3*/ensurepip /usr/lib/python3*/ensurepip /usr/local/bin/pip* /usr/bin/pip*
# To the same place: the environment and the editable install in it hold absolute paths.
COPY --from=build /opt/tonle /opt/tonle
COPY --from=build /opt/tonle/config.yaml /etc/tonle/config.yaml
# SQLite's short-lived files may be as large as the corpus, and /tmp is small.
# A file for each secret may lie in /run/secrets, called like it: /run/secrets/TONLE_SMTP_PASSWORD.
ENV PATH=/opt/tonle/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SQLITE_TMPDIR=/data \
    TONLE_CONFIG=/etc/tonle/config.yaml \
    TONLE_DATA=/data \
    TONLE_SECRETS=/run/secrets
USER tonle
WORKDIR /data
VOLUME /data
# Healthy: the corpus can be read and the daemon holds its lock. The lock is the kernel's, so a daemon that died holds none.
HEALTHCHECK --interval=5m --timeout=30s --start-period=1m \
    CMD tonle status --json | grep -q '"daemon": true'
# The list forms start no shell, so SIGTERM reaches the daemon, which lets its crawls store what they fetched.
STOPSIGNAL SIGTERM
ENTRYPOINT ["tonle"]
CMD ["daemon"]
