import type { SceneState } from '../api/types';

const words: Record<SceneState, string> = {
  empty: 'empty',
  uploaded: 'not trained',
  training: 'training',
  ready: 'ready',
  failed: 'training failed',
};

export function StateBadge({ state }: { state: SceneState }) {
  return <span class={`badge badge-${state}`}>{words[state]}</span>;
}
