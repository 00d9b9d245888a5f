# The image of every cloud part but Glue: SageMaker runs it with `train` or `serve`.
# docker build -t assay .
FROM node:24-bookworm-slim
# libgomp: threads of libxgboost; python3-pip: fetches the pinned libxgboost once, while building, checked against its sum.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 python3 python3-pip && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY web/package.json web/
RUN npm ci --ignore-scripts --omit=dev
COPY . .
# No key is ever made while building: keys come from a secret when a container starts.
ENV ASSAY_HOME=/tmp/assay XDG_CACHE_HOME=/opt/assay-cache NODE_ENV=production
RUN node --input-type=module -e "import { ensureXgboost, loadConfig } from './src/platform/index.ts'; await ensureXgboost(loadConfig(process.env, process.cwd()));"
USER node
ENTRYPOINT ["node", "src/entrypoints/sagemaker/main.ts"]
CMD ["serve"]
