import { apiRoot } from './client';
import { PageError } from './errors';
import type { AssetKind } from './types';

/** Bytes sent so far, of all. */
export type UploadProgress = (sent: number, total: number) => void;

/** Sends one file of a scene. XMLHttpRequest, because fetch tells nothing of what has been sent. */
export function uploadAsset(
  sceneId: string, kind: AssetKind, body: Blob, fileName: string, onProgress: UploadProgress, signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new DOMException('The upload was canceled.', 'AbortError'));
      return;
    }

    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const settle = (act: () => void) => () => {
      signal.removeEventListener('abort', abort);
      act();
    };
    signal.addEventListener('abort', abort);
    request.upload.onprogress = event => onProgress(event.loaded, event.total);
    request.onload = settle(() => request.status >= 200 && request.status < 300
      ? resolve()
      : reject(PageError.fromBody(request.status, request.responseText)));
    request.onerror = settle(() => reject(PageError.unreachable()));
    request.onabort = settle(() => reject(new DOMException('The upload was canceled.', 'AbortError')));
    request.open('PUT', `${apiRoot}/scenes/${sceneId}/${kind}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('X-File-Name', encodeURIComponent(fileName));
    request.send(body);
  });
}
