import type { Vec3 } from './vectors';

/** What the page itself needs of the Gaussians, one entry per record of the uploaded file. Values as stored, before activation. */
export interface SplatColumns {
  readonly count: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
  readonly opacityLogits: Float32Array;
  readonly logScales: readonly [Float32Array, Float32Array, Float32Array];
  /** w, x, y, z; not normalised. */
  readonly rotations: readonly [Float32Array, Float32Array, Float32Array, Float32Array];
  /** Spherical harmonics of degree 0; colour = 0.5 + 0.2821·dc. */
  readonly dc: readonly [Float32Array, Float32Array, Float32Array];
}

export const columnNames = [
  'x', 'y', 'z', 'opacity', 'scale_0', 'scale_1', 'scale_2', 'rot_0', 'rot_1', 'rot_2', 'rot_3', 'f_dc_0', 'f_dc_1', 'f_dc_2',
] as const;

/** @throws Error naming the column that is missing. */
export function columnsFrom(count: number, read: (name: string) => ArrayLike<number> | undefined): SplatColumns {
  const column = (name: string): Float32Array => {
    const values = read(name);
    if (!values || values.length < count) {
      throw new Error(`The Gaussians have no ${name}; the page shows 3DGS files with ${columnNames.join(', ')}.`);
    }
    return values instanceof Float32Array ? values : Float32Array.from(values);
  };
  return {
    count,
    x: column('x'),
    y: column('y'),
    z: column('z'),
    opacityLogits: column('opacity'),
    logScales: [column('scale_0'), column('scale_1'), column('scale_2')],
    rotations: [column('rot_0'), column('rot_1'), column('rot_2'), column('rot_3')],
    dc: [column('f_dc_0'), column('f_dc_1'), column('f_dc_2')],
  };
}

export interface Ball {
  readonly center: Vec3;
  readonly radius: number;
}

/** Floaters far outside would make everything else tiny: this share of the centres is left out at either end of each axis. */
const trimmedShare = 0.02;

/** A ball around the chosen Gaussians' centres without the farthest few; null when none is chosen. */
export function ballAround(columns: SplatColumns, chosen: (index: number) => boolean): Ball | null {
  const indices: number[] = [];
  for (let i = 0; i < columns.count; i++) {
    if (chosen(i) && Number.isFinite(columns.x[i]! + columns.y[i]! + columns.z[i]!)) {
      indices.push(i);
    }
  }
  if (indices.length === 0) {
    return null;
  }
  const range = (axis: Float32Array): [number, number] => {
    const values = Float32Array.from(indices, (i) => axis[i]!).sort();
    const skipped = Math.floor(values.length * trimmedShare);
    return [values[skipped]!, values[values.length - 1 - skipped]!];
  };
  const ranges = [range(columns.x), range(columns.y), range(columns.z)] as const;
  const center: Vec3 = [
    (ranges[0][0] + ranges[0][1]) / 2, (ranges[1][0] + ranges[1][1]) / 2, (ranges[2][0] + ranges[2][1]) / 2,
  ];
  const radius = Math.hypot(ranges[0][1] - ranges[0][0], ranges[1][1] - ranges[1][0], ranges[2][1] - ranges[2][0]) / 2;
  return { center, radius: Math.max(radius, 1e-3) };
}
