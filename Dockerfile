# Builds on python:slim. BASE may name another image with a Python of 3.11 or later: a mirror's, or plain Debian
# with python3, python3-venv and ca-certificates.
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
# here. setuptools was needed for this step alone, and nothing is to be installed into the image later.
RUN .venv/bin/python -m pip install -q --no-deps --no-build-isolation -e . \
 && chmod -R a+rX . \
 && .venv/bin/python -m compileall -q -x '/[.]venv/' . \
 && .venv/bin/python -m pip uninstall -q -y setuptools pip \
 && rm -rf build ./*.egg-info

FROM ${BASE}
# An own user: a flaw in the reading of strangers' pages is not to be one of root's.
RUN useradd --create-home --uid 10001 --shell /usr/sbin/nologin tonle \
 && install -d -o tonle -g tonle /data \
 && install -d /etc/tonle
# To the same place: the environment and the editable install in it hold absolute paths.
COPY --from=build /opt/tonle /opt/tonle
COPY --from=build /opt/tonle/config.yaml /etc/tonle/config.yaml
ENV PATH=/opt/tonle/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TONLE_CONFIG=/etc/tonle/config.yaml \
    TONLE_DATA=/data
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
