import { send } from '../api/client';
import type { Bounds } from '../api/types';

/** One cluster, as /decompose lists it. */
export interface Cluster {
  readonly id: number;
  readonly count: number;
  readonly center: readonly [number, number, number];
  readonly bounds: Bounds;
}

/** A scene taken apart at one scale. */
export interface Clustering {
  readonly scale: number;
  /** Largest first; the id is the label. */
  readonly clusters: readonly Cluster[];
  readonly unassignedCount: number;
  /** One per record of the uploaded file; 65535 where it belongs to none. */
  readonly labels: Uint16Array;
}

/** Asks for list and labels, which the server computes once. */
export async function decompose(sceneId: string, gaussianCount: number, scale: number): Promise<Clustering> {
  const ask = (accept: string) => send(`/scenes/${sceneId}/decompose`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', Accept: accept }, body: JSON.stringify({ scale }),
  });
  const [list, bytes] = await Promise.all([
    ask('application/json').then((response) => response.json() as Promise<Omit<Clustering, 'labels'>>),
    ask('application/octet-stream').then((response) => response.arrayBuffer()),
  ]);
  if (bytes.byteLength !== 2 * gaussianCount) {
    throw new Error(
      `The service sent ${bytes.byteLength / 2} labels for ${gaussianCount} Gaussians: the scene was changed. Load the page again.`);
  }
  return { ...list, labels: labelsOf(bytes) };
}

/** Little-endian, whatever this machine is. */
export function labelsOf(bytes: ArrayBuffer): Uint16Array {
  const view = new DataView(bytes);
  return Uint16Array.from({ length: bytes.byteLength / 2 }, (_, i) => view.getUint16(2 * i, true));
}
