import type { Pinhole } from '../viewer/pinhole';
import type { Vec3 } from '../viewer/vectors';
import type { PromptBody, PromptCalls, Similarity } from './calls';

/** A click: where it was made, and the place in the world that it met. */
export interface PromptPoint {
  readonly key: number;
  readonly positive: boolean;
  /** What is asked of the server is asked with the camera of the click, whatever is on the screen later. */
  readonly camera: Pinhole;
  readonly x: number;
  readonly y: number;
  readonly position: Vec3;
}

/** Points by the camera they were clicked with: a request has one camera. */
export function groupsOf(points: readonly PromptPoint[]): PromptPoint[][] {
  const groups = new Map<string, PromptPoint[]>();
  for (const point of points) {
    const key = JSON.stringify(point.camera);
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return [...groups.values()];
}

export const bodyOf = (group: readonly PromptPoint[]): Pick<PromptBody, 'camera' | 'points'> => ({
  camera: group[0]!.camera,
  points: group.map(({ x, y, positive }) => ({ x, y, positive })),
});

/**
 * Similarity of every Gaussian to the points. With one camera the server decides everything. With several, each is asked for its
 * positive points and for its negative points, these as if they were positive; a Gaussian counts where the best positive is above
 * the best negative, which is what the server does within one camera.
 *
 * @param scale Null lets the server choose; with several cameras each would choose another, so these need one.
 */
export async function similarityTo(
  calls: Pick<PromptCalls, 'similarity'>, points: readonly PromptPoint[], scale: number | null): Promise<Similarity> {
  const groups = groupsOf(points);
  if (groups.length === 1 || scale === null) {
    return calls.similarity({ ...bodyOf(groups[0]!), ...(scale === null ? {} : { scale }) });
  }

  const ask = (group: PromptPoint[], positive: boolean) => {
    const chosen = group.filter((point) => point.positive === positive).map((point) => ({ ...point, positive: true }));
    return chosen.length > 0 ? [calls.similarity({ ...bodyOf(chosen), scale })] : [];
  };
  const [positives, negatives] = await Promise.all([
    Promise.all(groups.flatMap((group) => ask(group, true))), Promise.all(groups.flatMap((group) => ask(group, false))),
  ]);
  const best = strongest(positives.map((answer) => answer.scores));
  const against = negatives.length > 0 ? strongest(negatives.map((answer) => answer.scores)) : null;
  if (against) {
    for (let i = 0; i < best.length; i++) {
      best[i] = best[i]! > against[i]! ? best[i]! : 0;
    }
  }

  // They ran side by side: the slowest is what was waited for.
  const timing = [...positives, ...negatives].map((answer) => answer.timing).reduce((a, b) => (a.total > b.total ? a : b));
  return { scores: best, scale, timing };
}

function strongest(scores: readonly Uint8Array[]): Uint8Array {
  const best = scores[0]!.slice();
  for (const others of scores.slice(1)) {
    for (let i = 0; i < best.length; i++) {
      best[i] = Math.max(best[i]!, others[i]!);
    }
  }
  return best;
}
