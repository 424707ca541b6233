# One image for every service: the `hub` program, run as nobody in particular.
FROM rust:1-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc make && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
RUN cargo build --release --locked --package hub && strip target/release/hub

# The style sheet, scripts and components of the pages, by lock file and hash.
FROM debian:bookworm-slim AS pages
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm python3 python3-pip && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY services/web-front/front-end services/web-front/front-end
COPY tools/requirements-pages.txt tools/
RUN cd services/web-front/front-end && npm ci --omit=optional --ignore-scripts --no-audit --no-fund
RUN pip download --quiet --require-hashes --no-deps --dest wheel -r tools/requirements-pages.txt \
    && python3 -m zipfile -e wheel/*.whl /pages \
    && node services/web-front/front-end/build.mjs /build/services/web-front/front-end/node_modules /pages/assets

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --no-create-home hub
COPY --from=build /build/target/release/hub /usr/local/bin/hub
COPY --from=pages /pages /usr/share/hub/pages
ENV HUB_PAGES_DIR=/usr/share/hub/pages
USER 10001
EXPOSE 8480
ENTRYPOINT ["hub"]
CMD ["run", "all"]
