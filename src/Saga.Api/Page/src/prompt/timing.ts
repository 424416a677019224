/** Where the time of a request went, milliseconds. */
export interface Timing {
  /** From asking to having the answer, as seen here. */
  readonly total: number;
  /** The server's own stages, by name. */
  readonly stages: Readonly<Record<string, number>>;
  /** What the server did not account for: the way there and back. */
  readonly network: number;
}

/** Reads a Server-Timing header: `feature;dur=1.2, match;dur=3, total;dur=4.4`. */
export function readTiming(header: string | null, total: number): Timing {
  const stages: Record<string, number> = {};
  for (const part of (header ?? '').split(',')) {
    const [name, ...parameters] = part.split(';').map((text) => text.trim());
    const duration = parameters.find((text) => text.startsWith('dur='));
    const value = Number(duration?.slice(4));
    if (name && duration && Number.isFinite(value)) {
      stages[name] = value;
    }
  }
  const { total: server = 0, ...others } = stages;
  return { total, stages: others, network: Math.max(0, total - server) };
}
