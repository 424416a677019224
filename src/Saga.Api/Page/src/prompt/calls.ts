import { getJson, send } from '../api/client';
import { PageError } from '../api/errors';
import type { Page } from '../api/types';
import type { Pinhole } from '../viewer/pinhole';
import { fromBits, toBase64, toBits } from './members';
import { readTiming, type Timing } from './timing';

/** The body of /segment, /similarity and /segment/candidates. */
export interface PromptBody {
  readonly camera: Pinhole;
  readonly points: readonly { x: number; y: number; positive: boolean }[];
  readonly scale?: number;
  readonly threshold?: number;
  readonly connected?: boolean;
}

/** A granularity, and the scales that it stands for: between two of them the selection changes. */
export interface Candidate {
  readonly scale: number;
  readonly scaleFrom: number;
  readonly scaleTo: number;
  readonly selectedCount: number;
  readonly stability: number;
}

export interface Similarity {
  /** One byte per Gaussian. */
  readonly scores: Uint8Array;
  readonly scale: number;
  readonly timing: Timing;
}

export interface Selection {
  readonly id: string;
  readonly name: string;
  readonly gaussianCount: number;
  readonly selectedCount: number;
  readonly color?: string | null;
  readonly hidden?: boolean;
  /** Grows with every change of the selection. */
  readonly version?: number;
}

/** Members as the service has them now. */
export interface Edited {
  readonly members: Uint8Array;
  readonly version: number | undefined;
}

const octets = 'application/octet-stream';

/** A path that an older service does not know answers 404 without a code of the contract's. */
function explain(error: unknown, what: string): unknown {
  return error instanceof PageError && (error.status === 404 || error.status === 405) && error.code === 'unknown'
    ? new PageError('not-offered', error.status, `This service does not offer ${what}; update it, then try again.`)
    : error;
}

/** The calls of one scene that prompting needs. */
export class PromptCalls {
  constructor(private readonly sceneId: string, private readonly count: number) {}

  /** @returns Also the scale: without one in the body, the service chooses it. */
  async similarity(body: PromptBody, signal?: AbortSignal): Promise<Similarity> {
    const started = performance.now();
    const response = await this.post('similarity', body, octets, 'similarities', signal);
    const scores = new Uint8Array(await response.arrayBuffer());
    if (scores.length !== this.count) {
      throw new Error(`The service sent ${scores.length} similarities for ${this.count} Gaussians: the scene was changed. Load the page again.`);
    }
    return {
      scores,
      scale: Number(response.headers.get('X-Scale') ?? body.scale),
      timing: readTiming(response.headers.get('Server-Timing'), performance.now() - started),
    };
  }

  async segment(body: PromptBody): Promise<Uint8Array> {
    const response = await this.post('segment', body, octets, 'prompts');
    return fromBits(new Uint8Array(await response.arrayBuffer()), this.count);
  }

  async candidates(body: PromptBody): Promise<Candidate[]> {
    const response = await this.post('segment/candidates', body, 'application/json', 'candidates');
    return ((await response.json()) as { candidates: Candidate[] }).candidates;
  }

  async selections(): Promise<Selection[]> {
    return (await getJson<Page<Selection>>(`${this.path}/selections?pageSize=200`)).items;
  }

  async members(id: string): Promise<Uint8Array> {
    const response = await send(`${this.path}/selections/${id}`, { headers: { Accept: octets } });
    return fromBits(new Uint8Array(await response.arrayBuffer()), this.count);
  }

  async keep(name: string, members: Uint8Array, look: { color?: string; hidden?: boolean } = {}): Promise<Selection> {
    const response = await this.post('selections', { name, bitmask: toBase64(toBits(members)), ...look }, 'application/json', 'segments');
    return (await response.json()) as Selection;
  }

  async change(id: string, change: { name?: string; color?: string; hidden?: boolean }): Promise<Selection> {
    const response = await send(`${this.path}/selections/${id}`, {
      method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(change),
    }).catch((error) => { throw explain(error, 'changes of kept segments'); });
    return (await response.json()) as Selection;
  }

  /** What an edit would make of members; nothing is kept. */
  async edited(members: Uint8Array, edit: object): Promise<Uint8Array> {
    const body = { members: { bitmask: toBase64(toBits(members)) }, ...edit };
    const response = await this.post('selections/edit', body, octets, 'edits of selections');
    return fromBits(new Uint8Array(await response.arrayBuffer()), this.count);
  }

  /** Edits a kept selection. @param version Refused where it has another by now. */
  edit(id: string, edit: object, version?: number): Promise<Edited> {
    return this.revise('POST', `${id}/edit`, edit, version);
  }

  /** Gives a kept selection other members. @param version Refused where it has another by now. */
  replace(id: string, members: Uint8Array, version?: number): Promise<Edited> {
    return this.revise('PUT', id, { bitmask: toBase64(toBits(members)) }, version);
  }

  async forget(id: string): Promise<void> {
    await send(`${this.path}/selections/${id}`, { method: 'DELETE' });
  }

  /** @param path What comes after the selection's own path: export?format=ply or masks.zip. */
  download(id: string, path: string): Promise<Blob> {
    return this.downloadScene(`selections/${id}/${path}`);
  }

  /** @param path What comes after the scene's own path. */
  async downloadScene(path: string): Promise<Blob> {
    const response = await send(`${this.path}/${path}`).catch((error) => { throw explain(error, 'this export'); });
    return response.blob();
  }

  private async revise(method: string, path: string, body: object, version?: number): Promise<Edited> {
    const response = await send(`${this.path}/selections/${path}`, {
      method,
      headers: {
        'Content-Type': 'application/json', Accept: octets, ...(version === undefined ? {} : { 'If-Match': `"${version}"` }),
      },
      body: JSON.stringify(body),
    }).catch((error) => { throw explain(error, 'edits of kept segments'); });
    const tag = response.headers.get('ETag')?.match(/^"(\d+)"$/)?.[1];
    return {
      members: fromBits(new Uint8Array(await response.arrayBuffer()), this.count), version: tag === undefined ? undefined : Number(tag),
    };
  }

  private get path(): string {
    return `/scenes/${this.sceneId}`;
  }

  private post(path: string, body: unknown, accept: string, what: string, signal?: AbortSignal): Promise<Response> {
    return send(`${this.path}/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: accept },
      body: JSON.stringify(body),
      signal,
    }).catch((error) => { throw explain(error, what); });
  }
}
