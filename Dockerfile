# NOT BUILT HERE: the machine on which Sori is made has no Docker daemon. What its steps do (npm ci, npm run package, npm install
# of the tarball, the start) is tested without Docker by scripts/package.test.ts. Read it before you rely on it.
#
#   docker build -t sori . && docker run -p 5000:5000 -v sori:/data sori        # a messenger, with its database inside
#
# Debian 13, because the embedded database needs glibc 2.38. Several servers: deploy/compose.yaml.

FROM node:22-trixie-slim AS build
WORKDIR /build
# What is installed changes less often than what is built.
COPY package.json package-lock.json .npmrc ./
COPY contract/package.json contract/
COPY client/package.json client/
COPY backend/package.json backend/
COPY frontend/package.json frontend/
COPY testkit/package.json testkit/
RUN npm ci
COPY . .
RUN npm run package && npm install --prefix /opt/sori ./sori-*.tgz

FROM node:22-trixie-slim
ENV NODE_ENV=production DATA_DIR=/data
COPY --from=build /opt/sori /opt/sori
RUN install -d -o node -g node -m 0700 /data
USER node
WORKDIR /data
VOLUME /data
EXPOSE 5000
# The first start may have to make indexes on data that is there already.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 5000) + '/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# In the form without a shell: SIGTERM has to reach the server itself. It ends within 20 s (docker stop -t 25).
CMD ["node", "/opt/sori/node_modules/sori/sori.mjs"]
