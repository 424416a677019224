import { PageError } from './errors';
import { keyedFetch } from './key';
import type { Job, JobState, Page, Scene, TrainPreset, View } from './types';

/** Relative to the page, which lies at the service's root. */
export const apiRoot = 'api/v1';

const maxPageSize = 200;

/** Sends a request; an answer other than 2xx is thrown as a {@link PageError}. */
export async function send(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await keyedFetch(`${apiRoot}${path}`, init);
  } catch (error) {
    throw error instanceof DOMException && error.name === 'AbortError' ? error : PageError.unreachable();
  }

  if (!response.ok) {
    throw PageError.fromBody(response.status, await response.text());
  }

  return response;
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await send(path, { headers: { Accept: 'application/json' }, signal })).json() as Promise<T>;
}

export async function postJson<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send(path, {
    method: 'POST',
    headers: { Accept: 'application/json', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
  });
  return response.json() as Promise<T>;
}

/** All pages of a list, newest first. */
async function getAll<T>(path: string, query: string): Promise<T[]> {
  const items: T[] = [];
  for (let page = 1; ; page++) {
    const answer = await getJson<Page<T>>(`${path}?${query}page=${page}&pageSize=${maxPageSize}`);
    items.push(...answer.items);
    if (answer.items.length === 0 || items.length >= answer.total) {
      return items;
    }
  }
}

export const scenes = {
  list: () => getAll<Scene>('/scenes', ''),
  get: (id: string) => getJson<Scene>(`/scenes/${id}`),
  create: (name: string) => postJson<Scene>('/scenes', { name }),
  createSample: () => postJson<Scene>('/scenes/sample'),
  remove: (id: string) => send(`/scenes/${id}`, { method: 'DELETE' }),
  views: (id: string, signal?: AbortSignal) => getJson<View[]>(`/scenes/${id}/views`, signal),
  thumbnailUrl: (id: string, width: number) => `${apiRoot}/scenes/${id}/render?view=0&mode=rgb&width=${width}`,
};

export const jobs = {
  list: (sceneId?: string, state?: JobState) =>
    getAll<Job>('/jobs', `${sceneId ? `sceneId=${sceneId}&` : ''}${state ? `state=${state}&` : ''}`),
  train: (sceneId: string, preset: TrainPreset) => postJson<Job>(`/scenes/${sceneId}/jobs`, { kind: 'train', options: { preset } }),
  makeVocabulary: (sceneId: string) => postJson<Job>(`/scenes/${sceneId}/jobs`, { kind: 'vocabulary' }),
  cancel: (id: string) => postJson<Job>(`/jobs/${id}/cancel`),
};
