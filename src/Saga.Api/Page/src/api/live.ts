import { HubConnectionBuilder, HubConnectionState, LogLevel, type HubConnection } from '@microsoft/signalr';
import { signal } from '@preact/signals';
import { apiKey } from './key';
import type { Job, Scene } from './types';

/** Between two attempts to reach a service that went away. */
const retryMs = 2000;

interface Watch {
  method: 'WatchJob' | 'WatchScene';
  callbacks: Set<(value: never) => void>;
}

const watches = new Map<string, Watch>();
let connection: HubConnection | undefined;

/** False while the connection is lost and being tried again. */
export const isLive = signal(true);

/** Calls back with the job at once and at every change, also after the service was away. Returns the end of it. */
export const watchJob = (id: string, callback: (job: Job) => void) => watch('WatchJob', id, callback);

/** Calls back with the scene at once and at every change, also after the service was away. Returns the end of it. */
export const watchScene = (id: string, callback: (scene: Scene) => void) => watch('WatchScene', id, callback);

function watch<T>(method: Watch['method'], id: string, callback: (value: T) => void): () => void {
  const entry = watches.get(id) ?? { method, callbacks: new Set() };
  watches.set(id, entry);
  entry.callbacks.add(callback as (value: never) => void);
  connect();
  ask(id, entry);
  return () => {
    entry.callbacks.delete(callback as (value: never) => void);
    if (entry.callbacks.size === 0 && watches.get(id) === entry) {
      watches.delete(id);
      tell('Unwatch', id);
    }
  };
}

function connect(): void {
  if (connection) {
    return;
  }

  connection = new HubConnectionBuilder()
    .withUrl('hubs/progress', { accessTokenFactory: () => apiKey() ?? '' })
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => retryMs })
    .configureLogging(LogLevel.None)
    .build();
  connection.on('jobChanged', (job: Job) => pass(job));
  connection.on('sceneChanged', (scene: Scene) => pass(scene));
  connection.onreconnecting(() => { isLive.value = false; });
  connection.onreconnected(askAll);
  connection.onclose(() => { isLive.value = false; void start(); });
  void start();
}

async function start(): Promise<void> {
  for (;;) {
    try {
      await connection!.start();
      askAll();
      return;
    } catch {
      isLive.value = false;
      await new Promise(resolve => setTimeout(resolve, retryMs));
    }
  }
}

function askAll(): void {
  isLive.value = true;
  watches.forEach((entry, id) => ask(id, entry));
}

/** The service answers with the present state, so nothing that happened meanwhile is missed. */
function ask(id: string, entry: Watch): void {
  tell(entry.method, id);
}

/** What is asked while there is no connection is asked again when there is one; what is gone on the server is told by other calls. */
function tell(method: string, id: string): void {
  if (connection?.state === HubConnectionState.Connected) {
    connection.invoke(method, id).catch(() => undefined);
  }
}

function pass(value: Job | Scene): void {
  watches.get(value.id)?.callbacks.forEach(callback => callback(value as never));
}
