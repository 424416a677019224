import { signal } from '@preact/signals';
import { scenes as api } from '../api/client';
import type { Scene } from '../api/types';
import { showError } from '../shell/toasts';

/** The scenes of this service, newest first; undefined until the first answer. */
export const sceneList = signal<Scene[] | undefined>(undefined);

export async function loadScenes(): Promise<void> {
  try {
    sceneList.value = await api.list();
  } catch (error) {
    showError(error);
  }
}

/** Takes a newer state of one scene into the list. */
export function updateScene(scene: Scene): void {
  sceneList.value = sceneList.value?.map(other => other.id === scene.id ? scene : other);
}

export async function deleteScene(scene: Scene): Promise<void> {
  await api.remove(scene.id);
  sceneList.value = sceneList.value?.filter(other => other.id !== scene.id);
}
