# Gateway.Worker with its runner, bubblewrap and the pinned CLI. Built from the root: docker build -f docker/worker.Dockerfile .
FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
WORKDIR /source
COPY global.json .editorconfig Directory.Build.props Directory.Packages.props BannedSymbols.txt BannedSymbols.Processes.txt BannedSymbols.Settings.txt ./
COPY src/ src/
# The publish puts the runner beside the worker. CI=true: what is restored must be what the lock files say.
RUN CI=true dotnet publish src/Gateway.Worker -c Release -o /program

# The package brings a native program, which runs by itself: Node.js stays behind in this stage.
FROM node:22.20.0-bookworm-slim AS cli
WORKDIR /cli
COPY build/claude.version ./
RUN npm install --no-audit --no-fund "@anthropic-ai/claude-code@$(cat claude.version)" \
    && cp "node_modules/@anthropic-ai/claude-code-linux-$(node -p process.arch)/claude" /claude \
    && case "$(/claude --version)" in "$(cat claude.version) "*) ;; *) exit 1 ;; esac

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-noble
# bubblewrap: the walls around runs. git: what coding agents reach for first.
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap git && rm -rf /var/lib/apt/lists/*
COPY --from=cli /claude /usr/local/bin/claude
COPY --from=build /program /opt/gateway
RUN install -d -m 700 -o $APP_UID -g $APP_UID /data && install -d -m 755 -o $APP_UID -g $APP_UID /workspaces
USER $APP_UID
# The runner goes with the container, so runs cannot be left to a successor: a stop lets them end for a while and gives the rest back.
ENV Data__Folder=/data \
    Claude__Program=/usr/local/bin/claude \
    Worker__Drain=Evacuate \
    Health__Url=http://127.0.0.1:7421
VOLUME /data
# Ready while the broker answers and nothing drains it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/7421 && printf 'GET /health/ready HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [[ $status == 200 ]]"]
ENTRYPOINT ["/opt/gateway/Gateway.Worker"]
