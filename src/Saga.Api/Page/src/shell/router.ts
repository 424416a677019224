import { signal } from '@preact/signals';

export type Route = { page: 'scenes' } | { page: 'scene'; id: string } | { page: 'unknown' };

const scenePattern = /^#\/scenes\/([0-9a-f-]{36})$/i;

function parse(hash: string): Route {
  if (hash === '' || hash === '#' || hash === '#/' || hash === '#/scenes') {
    return { page: 'scenes' };
  }

  const id = scenePattern.exec(hash)?.[1];
  return id ? { page: 'scene', id } : { page: 'unknown' };
}

/** Where the page is, from the address's hash: `#/` or `#/scenes/{id}`. */
export const route = signal<Route>(parse(location.hash));

addEventListener('hashchange', () => {
  route.value = parse(location.hash);
});

export const sceneHash = (id: string) => `#/scenes/${id}`;

export function goTo(hash: string): void {
  location.hash = hash;
}
