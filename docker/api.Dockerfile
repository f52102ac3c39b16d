# Gateway.Api: what callers see. Built from the root of the repository: docker build -f docker/api.Dockerfile .
FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
WORKDIR /source
COPY global.json .editorconfig Directory.Build.props Directory.Packages.props BannedSymbols.txt BannedSymbols.Processes.txt BannedSymbols.Settings.txt ./
COPY src/ src/
# CI=true: what is restored must be what the lock files say.
RUN CI=true dotnet publish src/Gateway.Api -c Release -o /program

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-noble
COPY --from=build /program /opt/gateway
# Its key lies in the data folder, which only its own user may enter. Not root: user app of the base image.
RUN install -d -m 700 -o $APP_UID -g $APP_UID /data && install -d -m 755 -o $APP_UID -g $APP_UID /workspaces
USER $APP_UID
# With a certificate (Edge__Tls__CertificateFile) ASPNETCORE_URLS=https://0.0.0.0:7420; behind a proxy that has one, Edge__TrustedProxies__0. With
# neither it does not start, unless Edge__AllowPlainHttp=true says that its network is closed.
ENV ASPNETCORE_URLS=http://0.0.0.0:7420 \
    Health__Url=http://127.0.0.1:7421 \
    Data__Folder=/data
VOLUME /data
EXPOSE 7420
# Ready when database and broker answer. The image has no HTTP client, and needs none.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/7421 && printf 'GET /health/ready HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [[ $status == 200 ]]"]
ENTRYPOINT ["/opt/gateway/Gateway.Api"]
