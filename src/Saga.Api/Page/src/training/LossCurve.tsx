import type { Sample } from './history';

const width = 180;
const height = 40;
const margin = 3;

/** The loss over the iterations, on its own scale. */
export function LossCurve({ samples, iterations }: { samples: readonly Sample[]; iterations: number }) {
  const last = samples.at(-1);
  if (!last || samples.length < 2) {
    return null;
  }

  const losses = samples.map(sample => sample.loss);
  const min = Math.min(...losses);
  const range = Math.max(...losses) - min || 1;
  const points = samples.map(({ iteration, loss }) =>
    `${(width * iteration / Math.max(1, iterations)).toFixed(1)},${(margin + (height - 2 * margin) * (1 - (loss - min) / range)).toFixed(1)}`);
  return (
    <svg class="loss-curve" viewBox={`0 0 ${width} ${height}`} role="img"
      aria-label={`Loss from ${losses[0]!.toPrecision(3)} to ${last.loss.toPrecision(3)} at iteration ${last.iteration}`}>
      <polyline points={points.join(' ')} />
    </svg>
  );
}
