# syntax=docker/dockerfile:1
# The whole program in an image of a few dozen megabytes: `docker build --tag partnergraph .` (BuildKit). What cargo compiled stays in a cache of the
# builder, so that a change of the program does not compile its dependencies again.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/src/target,sharing=locked \
    packaging/build /out
RUN mkdir /data

# Nothing but certificates, for the TLS to PostgreSQL and an issuer of tokens. The binary is static.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/partnergraph /usr/local/bin/partnergraph
COPY --from=build --chown=nonroot:nonroot /data /data
ENV DATABASE_URL=sqlite:/data/partnergraph.db
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/partnergraph"]
CMD ["serve", "--listen", "0.0.0.0:8080"]
