import type { Ball } from './columns';
import { poseOf, worldToCameraOf, type Pinhole, type Pose } from './pinhole';
import { add, cross, dot, length, mixed, normalized, rotated, scaled, subtract, type Vec3 } from './vectors';

const defaultFov = (50 * Math.PI) / 180;
const flightMilliseconds = 350;

/** Things are framed from at least this far above, radians. */
const leastTilt = 0.2;

/** Looking straight along the up axis leaves no sideways direction to turn about: stop this close before. */
const maxUpCosine = 0.995;

/** A camera that turns about a point in front of it. It may stand anywhere: flights end exactly at a capture's pose. */
export class Orbit {
  private pose: Pose = { eye: [0, 0, -3], right: [1, 0, 0], down: [0, 1, 0], forward: [0, 0, 1] };
  private distance = 3;
  private fovY = defaultFov;
  private flight = 0;
  private size = { width: 2, height: 2 };

  /** @param up The scene's upward direction, unit length. */
  constructor(private readonly up: Vec3, private readonly changed: () => void) {}

  get camera(): Pinhole {
    const { width, height } = this.size;
    const focal = height / 2 / Math.tan(this.fovY / 2);
    return { width, height, fx: focal, fy: focal, cx: width / 2, cy: height / 2, worldToCamera: worldToCameraOf(this.pose) };
  }

  get current(): Pose {
    return this.pose;
  }

  get fovYDegrees(): number {
    return (this.fovY * 180) / Math.PI;
  }

  get focus(): Vec3 {
    return add(this.pose.eye, scaled(this.pose.forward, this.distance));
  }

  resize(width: number, height: number): void {
    this.size = { width: Math.max(2, width), height: Math.max(2, height) };
    this.changed();
  }

  /** Angles in radians: positive yaw moves the scene to the right, positive pitch moves it down. */
  orbit(yaw: number, pitch: number): void {
    const focus = this.focus;
    let { right, down, forward } = this.pose;
    const tilted = rotated(forward, right, -pitch);
    if (Math.abs(dot(tilted, this.up)) < maxUpCosine || Math.abs(dot(tilted, this.up)) < Math.abs(dot(forward, this.up))) {
      forward = tilted;
      down = rotated(down, right, -pitch);
    }
    [right, down, forward] = [right, down, forward].map((axis) => rotated(axis, this.up, -yaw)) as [Vec3, Vec3, Vec3];
    this.place(orthonormal({ eye: subtract(focus, scaled(forward, this.distance)), right, down, forward }));
  }

  /** Moves the scene with the pointer, in pixels. */
  pan(dx: number, dy: number): void {
    const worldPerPixel = this.distance / this.camera.fx;
    const { right, down } = this.pose;
    const move = add(scaled(right, -dx * worldPerPixel), scaled(down, -dy * worldPerPixel));
    this.place({ ...this.pose, eye: add(this.pose.eye, move) });
  }

  /** Closer for factors under one. */
  dolly(factor: number): void {
    const focus = this.focus;
    this.distance = Math.max(this.distance * factor, 1e-3);
    this.place({ ...this.pose, eye: subtract(focus, scaled(this.pose.forward, this.distance)) });
  }

  /** Flies to where a view was taken, wide enough to show all of it. */
  flyToView(view: Pinhole, distance: number): void {
    const { width, height } = this.size;
    const byHeight = Math.atan(view.height / 2 / view.fy);
    const byWidth = Math.atan((view.width / 2 / view.fx) * (height / width));
    this.fly(poseOf(view.worldToCamera), distance, 2 * Math.max(byHeight, byWidth));
  }

  /** Flies along the present viewing direction to where a ball fills the picture. */
  frame(ball: Ball): void {
    const { width, height } = this.size;
    const fov = Math.min(this.fovY, 2 * Math.atan(Math.tan(this.fovY / 2) * (width / height)));
    const distance = ball.radius / Math.sin(fov / 2);
    const { right, down, forward } = this.fromAbove();
    this.fly({ right, down, forward, eye: subtract(ball.center, scaled(forward, distance)) }, distance, this.fovY);
  }

  /** Stands somewhere at once. */
  jump(pose: Pose, distance: number, fovY = this.fovY): void {
    cancelAnimationFrame(this.flight);
    this.distance = distance;
    this.fovY = fovY;
    this.pose = orthonormal(pose);
    this.changed();
  }

  stop(): void {
    cancelAnimationFrame(this.flight);
  }

  /** The present pose, tilted to look down a little: from under a floor nothing is seen. */
  private fromAbove(): Pose {
    const { eye, right, down, forward } = this.pose;
    const tilt = Math.max(0, Math.asin(Math.max(-1, Math.min(1, dot(forward, this.up)))) + leastTilt);
    return orthonormal({ eye, right, down: rotated(down, right, -tilt), forward: rotated(forward, right, -tilt) });
  }

  private fly(to: Pose, distance: number, fovY: number): void {
    cancelAnimationFrame(this.flight);
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      this.jump(to, distance, fovY);
      return;
    }
    const from = { pose: this.pose, distance: this.distance, fovY: this.fovY };
    const started = performance.now();
    const step = () => {
      const time = Math.min((performance.now() - started) / flightMilliseconds, 1);
      const t = time * time * (3 - 2 * time);
      if (time === 1) {
        this.jump(to, distance, fovY);
        return;
      }
      this.distance = from.distance + (distance - from.distance) * t;
      this.fovY = from.fovY + (fovY - from.fovY) * t;
      this.pose = orthonormal({
        eye: mixed(from.pose.eye, to.eye, t),
        right: mixed(from.pose.right, to.right, t),
        down: mixed(from.pose.down, to.down, t),
        forward: mixed(from.pose.forward, to.forward, t),
      });
      this.changed();
      this.flight = requestAnimationFrame(step);
    };
    this.flight = requestAnimationFrame(step);
  }

  private place(pose: Pose): void {
    cancelAnimationFrame(this.flight);
    this.pose = pose;
    this.changed();
  }
}

/** Rounding and mixing bend the axes; the camera's formula needs them square. */
function orthonormal(pose: Pose): Pose {
  const forward = normalized(pose.forward);
  const sideways = subtract(pose.right, scaled(forward, dot(pose.right, forward)));
  const right = length(sideways) > 1e-6
    ? normalized(sideways)
    : normalized(cross(Math.abs(forward[1]) < 0.9 ? [0, 1, 0] : [1, 0, 0], forward));
  return { eye: pose.eye, right, down: cross(forward, right), forward };
}

/** Upwards, as those who took the views held the camera; y-down worlds without any views. */
export function upOf(views: readonly Pinhole[]): Vec3 {
  const sum = views.reduce<Vec3>((total, view) => subtract(total, poseOf(view.worldToCamera).down), [0, 0, 0]);
  return normalized(sum, [0, -1, 0]);
}
