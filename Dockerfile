# One image for every service: the `hub` program, run as nobody in particular.
FROM rust:1-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc make && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
RUN cargo build --release --locked --package hub && strip target/release/hub

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --no-create-home hub
COPY --from=build /build/target/release/hub /usr/local/bin/hub
USER 10001
EXPOSE 8480
ENTRYPOINT ["hub"]
CMD ["run", "all"]
