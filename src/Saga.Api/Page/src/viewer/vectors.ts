/** The few operations on 3-vectors and poses that a camera needs. World units; nothing is changed in place. */
export type Vec3 = readonly [number, number, number];

export const add = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const subtract = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scaled = (a: Vec3, factor: number): Vec3 => [a[0] * factor, a[1] * factor, a[2] * factor];
export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const length = (a: Vec3): number => Math.hypot(a[0], a[1], a[2]);

export const cross = (a: Vec3, b: Vec3): Vec3 =>
  [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

/** The unit vector, or the fallback where there is no direction. */
export function normalized(a: Vec3, fallback: Vec3 = [0, 0, 1]): Vec3 {
  const size = length(a);
  return size > 1e-12 ? scaled(a, 1 / size) : fallback;
}

/** Rotates about a unit axis (Rodrigues). */
export function rotated(a: Vec3, axis: Vec3, radians: number): Vec3 {
  const cos = Math.cos(radians);
  const sin = Math.sin(radians);
  return add(add(scaled(a, cos), scaled(cross(axis, a), sin)), scaled(axis, dot(axis, a) * (1 - cos)));
}

export const mixed = (a: Vec3, b: Vec3, t: number): Vec3 => add(scaled(a, 1 - t), scaled(b, t));
