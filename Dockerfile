# syntax=docker/dockerfile:1
# The whole program in an image of a few dozen megabytes: `docker build --tag partnergraph .` (requires BuildKit). The builder caches what cargo has
# compiled, so a change of the program does not compile its dependencies again.
FROM rust:1.95-bookworm AS build
# With musl, host names can be resolved without a C library in the final image (see packaging/build). On an ARM machine, build with
# `--build-arg TARGET=aarch64-unknown-linux-musl`.
ARG TARGET=x86_64-unknown-linux-musl
RUN apt-get update && apt-get install --yes --no-install-recommends musl-tools && rm -rf /var/lib/apt/lists/*
RUN rustup target add "$TARGET"
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/src/target,sharing=locked \
    TARGET="$TARGET" packaging/build /out
RUN mkdir /data

# An image that contains little more than CA certificates, for TLS connections to PostgreSQL and to a token issuer. The binary is static and needs
# no C library.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/partnergraph /usr/local/bin/partnergraph
COPY --from=build --chown=nonroot:nonroot /data /data
ENV DATABASE_URL=sqlite:/data/partnergraph.db
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/partnergraph"]
CMD ["serve", "--listen", "0.0.0.0:8080"]
