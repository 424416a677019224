import { apiRoot } from '../api/client';
import type { Scene } from '../api/types';

/** Where a scene is shown: the picture, and the panel beside it. */
export interface SceneHost {
  picture: HTMLElement;
  panel: HTMLElement;
}

/** Shows a scene in the host; the returned function takes it away again. */
export function mountScene(host: SceneHost, scene: Scene): () => void {
  const image = document.createElement('img');
  image.alt = `${scene.name}, first view`;
  image.src = `${apiRoot}/scenes/${scene.id}/render?view=0&mode=rgb&width=960`;
  host.picture.append(image);
  return () => image.remove();
}
