# Images of the API node, the worker and the command line:
#   docker build --target api -t saga-api .
#   docker build --target worker -t saga-worker .
#   docker build --target cli -t saga-cli .
# Not built or run by those who wrote it: there was no container engine. See docs/operations.md.
FROM node:22-bookworm-slim AS node

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
# The page is built with Node.js.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /source
COPY . .
ENV CI=true DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
RUN --mount=type=cache,target=/root/.nuget/packages --mount=type=cache,target=/root/.npm \
    for program in Api Worker Cli; do \
      dotnet publish "src/Saga.$program" -c Release -o "/out/$program" -p:UseAppHost=false || exit 1; \
    done

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS runtime
# The data directory is the only place that is written to, apart from /tmp: the root file system may be read-only.
RUN mkdir /data && chown "$APP_UID:$APP_UID" /data
VOLUME /data
# Nobody attaches a debugger here, and without it nothing is written to /tmp at the start.
ENV DOTNET_EnableDiagnostics=0 \
    Saga__DataDirectory=/data \
    Saga__LogFormat=json
WORKDIR /app
USER $APP_UID

FROM runtime AS worker
COPY --from=build /out/Worker .
ENTRYPOINT ["dotnet", "Saga.Worker.dll"]

FROM runtime AS cli
COPY --from=build /out/Cli .
ENTRYPOINT ["dotnet", "Saga.Cli.dll"]

FROM runtime AS api
COPY --from=build /out/Api .
ENV ASPNETCORE_URLS=http://0.0.0.0:5080
EXPOSE 5080
# The image has no curl: the program asks its own /health/live.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["dotnet", "Saga.Api.dll", "health"]
ENTRYPOINT ["dotnet", "Saga.Api.dll"]
