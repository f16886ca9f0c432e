# One image for every role; docker-compose.yml says which container plays which.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm install --no-audit --no-fund
COPY . .
RUN node scripts/prepare.mjs --rebuild && npm prune --omit=dev --no-audit --no-fund

FROM node:22-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=7400 ORDERLOOM_HOME=/var/lib/orderloom ORDERLOOM_DEMO=off
RUN mkdir -p /var/lib/orderloom && chown node:node /var/lib/orderloom
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# Read at run time: connectors, mappings, canonical schemas and the ready flows.
COPY --from=build /app/schemas ./schemas
COPY --from=build /app/nodes ./nodes
COPY --from=build /app/flows ./flows
USER node
EXPOSE 7400
VOLUME /var/lib/orderloom
CMD ["node", "dist/start.js"]
