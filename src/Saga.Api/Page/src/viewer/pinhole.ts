import type { Vec3 } from './vectors';

/**
 * A camera as the service spells it: pixels with the origin top left and pixel centres at .5; camera x right, y down, z forward;
 * worldToCamera is 4×4, row-major.
 */
export interface Pinhole {
  readonly width: number;
  readonly height: number;
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
  readonly worldToCamera: readonly number[];
}

export interface Projected {
  readonly x: number;
  readonly y: number;
  /** Along the viewing direction, world units; not positive behind the camera. */
  readonly depth: number;
}

export function project(camera: Pinhole, point: Vec3): Projected {
  const m = camera.worldToCamera as number[];
  const [px, py, pz] = point;
  const x = m[0]! * px + m[1]! * py + m[2]! * pz + m[3]!;
  const y = m[4]! * px + m[5]! * py + m[6]! * pz + m[7]!;
  const depth = m[8]! * px + m[9]! * py + m[10]! * pz + m[11]!;
  return { x: (camera.fx * x) / depth + camera.cx, y: (camera.fy * y) / depth + camera.cy, depth };
}

/** The world point behind a pixel at a depth. */
export function unproject(camera: Pinhole, x: number, y: number, depth: number): Vec3 {
  const m = camera.worldToCamera as number[];
  // Rᵀ (p - t): the rows of R are the camera's axes in the world.
  const cx = ((x - camera.cx) / camera.fx) * depth - m[3]!;
  const cy = ((y - camera.cy) / camera.fy) * depth - m[7]!;
  const cz = depth - m[11]!;
  return [
    m[0]! * cx + m[4]! * cy + m[8]! * cz,
    m[1]! * cx + m[5]! * cy + m[9]! * cz,
    m[2]! * cx + m[6]! * cy + m[10]! * cz,
  ];
}

/** Where the camera stands and where its axes point, in the world. */
export interface Pose {
  readonly eye: Vec3;
  readonly right: Vec3;
  readonly down: Vec3;
  readonly forward: Vec3;
}

export function poseOf(worldToCamera: readonly number[]): Pose {
  const m = worldToCamera as number[];
  const right: Vec3 = [m[0]!, m[1]!, m[2]!];
  const down: Vec3 = [m[4]!, m[5]!, m[6]!];
  const forward: Vec3 = [m[8]!, m[9]!, m[10]!];
  const [tx, ty, tz] = [m[3]!, m[7]!, m[11]!];
  const eye: Vec3 = [
    -(right[0] * tx + down[0] * ty + forward[0] * tz),
    -(right[1] * tx + down[1] * ty + forward[1] * tz),
    -(right[2] * tx + down[2] * ty + forward[2] * tz),
  ];
  return { eye, right, down, forward };
}

export function worldToCameraOf(pose: Pose): number[] {
  const row = (axis: Vec3) =>
    [axis[0], axis[1], axis[2], -(axis[0] * pose.eye[0] + axis[1] * pose.eye[1] + axis[2] * pose.eye[2])];
  return [...row(pose.right), ...row(pose.down), ...row(pose.forward), 0, 0, 0, 1];
}
