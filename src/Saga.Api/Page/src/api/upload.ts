import { Upload, type DetailedError } from 'tus-js-client';
import { send } from './client';
import { PageError } from './errors';
import { keyHeader } from './key';
import { forget, recall, remember } from './rememberedUploads';
import type { AssetKind } from './types';

/** Bytes that have arrived, of all; and whether the service cannot be reached at the moment. */
export type UploadProgress = (sent: number, total: number, isInterrupted: boolean) => void;

/** A file on its way into a scene. */
export interface Outgoing {
  kind: AssetKind;
  name: string;
  body: Blob;
  /** The scene it is for; undefined where that is made only when the file has arrived. */
  sceneId?: string;
}

const tusVersion = '1.0.0';

/** Files up to this size go along with the request that begins them. */
const oneRequestBytes = 1 << 20;

/** A proxy that collects a body before it passes it on loses no more than this. */
const chunkBytes = 64 << 20;

/** How long to wait before each further try, about five minutes in all; every byte that arrives starts the list over. */
const retryDelaysMs = [0, 500, 1000, 2000, 4000, 8000, ...Array<number>(28).fill(10_000)];

const fullDisk = 507;
const gone = [404, 410];

/** Lost connections, services that restart, requests that still hold the upload; never a refusal. */
function isPassing(status: number): boolean {
  return status === 0 || status === 423 || status === 429 || (status >= 500 && status !== fullDisk);
}

/**
 * Sends a file, and goes on where it was after a lost connection, a restarted service or a reloaded page.
 * Returns the finished upload's address, for {@link attachUpload}.
 */
export async function sendFile(file: Outgoing, onProgress: UploadProgress, signal: AbortSignal): Promise<string> {
  for (;;) {
    const known = recall(file);
    try {
      const url = known ?? await begin(file, onProgress, signal);
      await sendRest(url, file.body, onProgress, signal);
      return url;
    } catch (error) {
      // Sent only because an earlier visit left it unfinished: it may have expired since.
      if (!(known && error instanceof PageError && gone.includes(error.status))) {
        throw error;
      }

      forget(file);
    }
  }
}

/** Makes a finished upload the scene's file. After a lost answer it asks again: the service answers the same. */
export async function attachUpload(sceneId: string, url: string, file: Outgoing, onWait: () => void, signal: AbortSignal): Promise<void> {
  const uploadId = url.slice(url.lastIndexOf('/') + 1);
  try {
    await retrying(() => send(`/scenes/${sceneId}/uploads/${uploadId}`, { method: 'POST', signal }), onWait, signal);
    forget(file);
  } catch (error) {
    if (error instanceof PageError && (error.status === 422 || gone.includes(error.status))) {
      forget(file);
    }

    throw error;
  }
}

async function begin(file: Outgoing, onProgress: UploadProgress, signal: AbortSignal): Promise<string> {
  const whole = file.body.size > 0 && file.body.size <= oneRequestBytes;
  const metadata = { kind: file.kind, filename: file.name, ...(file.sceneId ? { scene: file.sceneId } : {}) };
  const response = await retrying(
    () => send('/uploads', {
      method: 'POST',
      headers: {
        'Tus-Resumable': tusVersion,
        'Upload-Length': String(file.body.size),
        'Upload-Metadata': Object.entries(metadata).map(([name, value]) => `${name} ${base64(value)}`).join(','),
        ...(whole ? { 'Content-Type': 'application/offset+octet-stream' } : {}),
      },
      body: whole ? file.body : undefined,
      signal,
    }),
    () => onProgress(0, file.body.size, true),
    signal);
  const url = new URL(response.headers.get('Location')!, response.url).href;
  remember(file, url);
  return url;
}

/** The bytes that the service does not have yet. Beginning is not left to tus's client: it starts over where a proxy answers 502. */
function sendRest(url: string, body: Blob, onProgress: UploadProgress, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    const settle = (act: () => void) => {
      signal.removeEventListener('abort', stop);
      act();
    };
    const upload = new Upload(body, {
      uploadUrl: url,
      onBeforeRequest: request => Object.entries(keyHeader()).forEach(([name, value]) => request.setHeader(name, value)),
      chunkSize: chunkBytes,
      retryDelays: retryDelaysMs,
      storeFingerprintForResuming: false,
      onShouldRetry: error => {
        const isAgain = isPassing(statusOf(error)) || statusOf(error) === 409;
        if (isAgain && !signal.aborted) {
          onProgress(sent, body.size, true);
        }

        return isAgain;
      },
      onProgress: arrived => {
        sent = arrived;
        onProgress(arrived, body.size, false);
      },
      onSuccess: () => settle(resolve),
      onError: error => settle(() => reject(pageError(error))),
    });
    const stop = () => {
      // The service drops the bytes; where it cannot be told, they expire.
      upload.abort(true).catch(() => undefined);
      reject(canceled());
    };
    if (signal.aborted) {
      reject(canceled());
      return;
    }

    signal.addEventListener('abort', stop);
    upload.start();
  });
}

async function retrying<T>(act: () => Promise<T>, onWait: () => void, signal: AbortSignal): Promise<T> {
  for (const delay of retryDelaysMs) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof PageError) || !isPassing(error.status)) {
        throw error;
      }
    }

    onWait();
    await new Promise(resolve => setTimeout(resolve, delay));
    signal.throwIfAborted();
  }

  return act();
}

const statusOf = (error: Error) => (error as DetailedError).originalResponse?.getStatus() ?? 0;

function pageError(error: Error): PageError {
  const answer = (error as DetailedError).originalResponse;
  return answer ? PageError.fromBody(answer.getStatus(), answer.getBody()) : PageError.unreachable();
}

const canceled = () => new DOMException('The upload was canceled.', 'AbortError');

/** Letters outside Latin-1 are more than btoa takes. */
const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
