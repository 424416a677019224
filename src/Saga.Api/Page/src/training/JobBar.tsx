import type { Scene } from '../api/types';

export function JobBar({ scene }: { scene: Scene }) {
  return <section class="job-bar" aria-label="Training">{scene.state}</section>;
}
