import type { SplatColumns } from './columns';
import type { Pinhole } from './pinhole';

/** The rasteriser's own numbers: blur of a pixel, weakest alpha that counts, strongest alpha, nearest depth. */
const blurPixels = 0.3;
const minAlpha = 1 / 255;
const maxAlpha = 0.99;
const minDepth = 0.01;

/** Gaussians are looked at as far as this many standard deviations from their centre. */
const reach = 3.4;

/**
 * The depth of what is seen at a pixel: where the light along its ray falls under a half. Null where the ray leaves the scene.
 *
 * Composited here from the Gaussians themselves, as the server would: alpha = opacity · exp(-½ dᵀ Σ⁻¹ d), Σ = J W R S Sᵀ Rᵀ Wᵀ Jᵀ.
 */
export function surfaceDepth(columns: SplatColumns, camera: Pinhole, x: number, y: number): number | null {
  const hits: { depth: number; alpha: number }[] = [];
  const m = camera.worldToCamera as number[];
  const focal = Math.max(camera.fx, camera.fy);
  const [s0, s1, s2] = columns.logScales;
  for (let i = 0; i < columns.count; i++) {
    const px = columns.x[i]!, py = columns.y[i]!, pz = columns.z[i]!;
    const depth = m[8]! * px + m[9]! * py + m[10]! * pz + m[11]!;
    if (!(depth > minDepth)) {
      continue;
    }
    const cx = m[0]! * px + m[1]! * py + m[2]! * pz + m[3]!;
    const cy = m[4]! * px + m[5]! * py + m[6]! * pz + m[7]!;
    const dx = (camera.fx * cx) / depth + camera.cx - x;
    const dy = (camera.fy * cy) / depth + camera.cy - y;

    // Most Gaussians end here, before their covariance is worth computing. 1.5: a slanted one reaches farther than its size.
    const radius = (1.5 * reach * focal * Math.exp(Math.max(s0[i]!, s1[i]!, s2[i]!))) / depth + 2;
    if (Math.abs(dx) > radius || Math.abs(dy) > radius) {
      continue;
    }
    const alpha = alphaAt(columns, camera, i, cx, cy, depth, dx, dy);
    if (alpha >= minAlpha) {
      hits.push({ depth, alpha });
    }
  }

  hits.sort((a, b) => a.depth - b.depth);
  let transmittance = 1;
  for (const hit of hits) {
    transmittance *= 1 - hit.alpha;
    if (transmittance < 0.5) {
      return hit.depth;
    }
  }
  return null;
}

function alphaAt(
  columns: SplatColumns, camera: Pinhole, i: number, cx: number, cy: number, depth: number, dx: number, dy: number): number {
  const m = camera.worldToCamera as number[];
  let [w, qx, qy, qz] = columns.rotations.map((column) => column[i]!) as [number, number, number, number];
  const norm = Math.hypot(w, qx, qy, qz) || 1;
  w /= norm; qx /= norm; qy /= norm; qz /= norm;
  const axes = [
    [1 - 2 * (qy * qy + qz * qz), 2 * (qx * qy + w * qz), 2 * (qx * qz - w * qy)],
    [2 * (qx * qy - w * qz), 1 - 2 * (qx * qx + qz * qz), 2 * (qy * qz + w * qx)],
    [2 * (qx * qz + w * qy), 2 * (qy * qz - w * qx), 1 - 2 * (qx * qx + qy * qy)],
  ];

  // Each axis of the ellipsoid, projected to the picture, is one column of J W R S.
  let a = blurPixels, b = 0, c = blurPixels;
  for (let k = 0; k < 3; k++) {
    const scale = Math.exp(columns.logScales[k]![i]!);
    const [ax, ay, az] = axes[k] as [number, number, number];
    const ex = scale * (m[0]! * ax + m[1]! * ay + m[2]! * az);
    const ey = scale * (m[4]! * ax + m[5]! * ay + m[6]! * az);
    const ez = scale * (m[8]! * ax + m[9]! * ay + m[10]! * az);
    const u = (camera.fx * (ex - (cx / depth) * ez)) / depth;
    const v = (camera.fy * (ey - (cy / depth) * ez)) / depth;
    a += u * u; b += u * v; c += v * v;
  }
  const determinant = a * c - b * b;
  const distance = (c * dx * dx - 2 * b * dx * dy + a * dy * dy) / determinant;
  const opacity = 1 / (1 + Math.exp(-columns.opacityLogits[i]!));
  const alpha = opacity * Math.exp(-0.5 * distance);
  return determinant > 0 && alpha > 0 ? Math.min(alpha, maxAlpha) : 0;
}
