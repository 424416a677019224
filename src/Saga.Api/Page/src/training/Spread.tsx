import type { Histogram } from '../api/types';
import { plural } from '../shell/format';

interface SpreadProps {
  title: string;
  /** What is measured, for the text. */
  unit: string;
  /** What is counted. */
  one: string;
  histogram: Histogram;
  digits?: number;
}

/** A histogram as small bars; its text says what the bars show. */
export function Spread({ title, unit, one, histogram: { edges, counts, median }, digits }: SpreadProps) {
  const most = Math.max(...counts, 1);
  const at = (value: number) => digits === undefined ? Number(value.toPrecision(3)).toLocaleString('en') : value.toFixed(digits);
  const total = counts.reduce((sum, one) => sum + one, 0);
  return (
    <>
      <h3 class="report-title">{title}</h3>
      <div class="report-spread" role="img"
        aria-label={`${plural(total, one)}: ${at(edges[0]!)} to ${at(edges.at(-1)!)} ${unit}, half of them up to ${at(median)}`}>
        {counts.map((value, i) => (
          <span key={i} style={{ height: `${100 * value / most}%` }} title={`${plural(value, one)}: ${at(edges[i]!)} to ${at(edges[i + 1]!)}`} />
        ))}
      </div>
      <p class="report-ends" aria-hidden="true">
        <span>{at(edges[0]!)}</span><span>median {at(median)}</span><span>{at(edges.at(-1)!)} {unit}</span>
      </p>
    </>
  );
}
