# The images of every cloud part but Glue.
#   runtime: SageMaker runs it with `train` or `serve`, Step Functions with src/entrypoints/cloud/main.ts
#            and Fargate with src/entrypoints/cli.ts up --no-run
#   lambda:  the same code behind Lambda's runtime
# docker build --target runtime -t assay .

FROM node:24-bookworm-slim AS packages
WORKDIR /app
# python3-pip: fetches the pinned libxgboost once, checked against its sum.
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-pip && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
COPY web/package.json web/
RUN npm ci --ignore-scripts --omit=dev
COPY . .
ENV XDG_CACHE_HOME=/opt/assay-cache
RUN node --input-type=module -e "import { ensureXgboost, loadConfig } from './src/platform/index.ts'; await ensureXgboost(loadConfig(process.env, process.cwd()));"
# What RDS signs its certificates with.
ADD https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem /opt/rds.pem
RUN chmod 644 /opt/rds.pem

# The pages, built by packages that no image keeps.
FROM node:24-bookworm-slim AS web
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY web/package.json web/
RUN npm ci --ignore-scripts --include=dev
COPY . .
RUN node --input-type=module -e "import { ensureWebApp } from './src/entrypoints/setup/index.ts'; await ensureWebApp();"

FROM public.ecr.aws/lambda/nodejs:24 AS lambda
RUN dnf install -y libgomp && dnf clean all
COPY --from=packages /opt/assay-cache /opt/assay-cache
COPY --from=packages /opt/rds.pem /opt/rds.pem
COPY --from=packages /app /var/task
# Lambda's loader looks for JavaScript; Node runs the TypeScript behind it as it is.
RUN for name in step consume approve; do echo "export { handler } from './src/entrypoints/lambdas/$name.ts';" > $name.mjs; done
ENV XDG_CACHE_HOME=/opt/assay-cache NODE_EXTRA_CA_CERTS=/opt/rds.pem
CMD ["step.handler"]

FROM node:24-bookworm-slim AS runtime
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=packages /opt/assay-cache /opt/assay-cache
COPY --from=packages /opt/rds.pem /opt/rds.pem
COPY --from=packages /app /app
COPY --from=web /app/web/dist /app/web/dist
# No key is ever made while building: keys come from a secret when a container starts.
ENV ASSAY_HOME=/tmp/assay XDG_CACHE_HOME=/opt/assay-cache NODE_EXTRA_CA_CERTS=/opt/rds.pem NODE_ENV=production
USER node
ENTRYPOINT ["node", "src/entrypoints/sagemaker/main.ts"]
CMD ["serve"]
