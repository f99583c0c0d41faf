# The image has the program with a PostgreSQL of its own, for `lint --embedded`, `migrations --files-only` and `scan`.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements requirements
RUN python -m venv --without-pip /opt/sessionaudit \
    && python -m pip --python /opt/sessionaudit/bin/python install --require-hashes --requirement requirements/runtime.lock \
    && python -m pip install --require-hashes --requirement requirements/build.lock
COPY LICENSE README.md expected_schema.yaml pyproject.toml ./
COPY repairs repairs
COPY src src
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && python -m pip --python /opt/sessionaudit/bin/python install --no-deps --no-index dist/*.whl

FROM python:3.13-slim
# PostgreSQL does not run as root, and nothing else needs it.
RUN useradd --uid 10001 --create-home sessionaudit
COPY --from=build /opt/sessionaudit /opt/sessionaudit
ENV PATH="/opt/sessionaudit/bin:$PATH"
USER 10001
WORKDIR /work
ENTRYPOINT ["sessionaudit"]
CMD ["--help"]
