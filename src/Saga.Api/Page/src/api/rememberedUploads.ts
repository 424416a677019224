import type { Outgoing } from './upload';

/** For as long as the page lives: anything, such as a zip that the page made. */
const inMemory = new WeakMap<Blob, string>();

/** Across reloads: files on the disk, which a person chooses again. Null for a blob that nobody could choose again. */
function keyOf({ body, kind, sceneId }: Outgoing): string | null {
  return body instanceof File ? `saga-upload ${kind} ${sceneId ?? 'new'} ${body.name} ${body.size} ${body.lastModified}` : null;
}

/** The address of an unfinished upload of this very file. */
export function recall(file: Outgoing): string | null {
  const key = keyOf(file);
  return inMemory.get(file.body) ?? (key && stored(storage => storage.getItem(key)));
}

export function remember(file: Outgoing, url: string): void {
  const key = keyOf(file);
  inMemory.set(file.body, url);
  if (key) {
    stored(storage => storage.setItem(key, url));
  }
}

export function forget(file: Outgoing): void {
  const key = keyOf(file);
  inMemory.delete(file.body);
  if (key) {
    stored(storage => storage.removeItem(key));
  }
}

/** A browser may forbid storage, or have no room: then an upload is only not found again after a reload. */
function stored<T>(act: (storage: Storage) => T): T | null {
  try {
    return act(localStorage);
  } catch {
    return null;
  }
}
