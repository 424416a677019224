import type { SplatColumns } from './columns';
import type { Pinhole } from './pinhole';

const degreeZero = 0.28209479177387814;

/** Fainter Gaussians would stand as solid dots in front of what they hardly cover. */
const minOpacityLogit = -0.5;
/** Half the side of a dot, pixels; Gaussians reach beyond their size, and gaps between dots show what is behind. */
const smallestDot = 1;
const largestDot = 6;

/** Colour of a Gaussian's dot, 0 to 255 with alpha. */
export type DotColor = (index: number, plain: readonly [number, number, number]) => readonly [number, number, number, number];

/**
 * Which Gaussian a quick picture without a graphics device shows at each pixel: the centres as dots, the nearest in front. For
 * thumbnails and for showing a selection over a frame of the server's.
 *
 * @returns [height, width], -1 where there is none.
 */
export function nearestDots(
  columns: SplatColumns, camera: Pinhole, width: number, height: number, isShown: (index: number) => boolean = () => true): Int32Array {
  const nearest = new Int32Array(width * height).fill(-1);
  const depths = new Float32Array(width * height).fill(Infinity);
  const m = camera.worldToCamera as number[];
  const scaleX = width / camera.width;
  const scaleY = height / camera.height;
  const [s0, s1, s2] = columns.logScales;
  for (let i = 0; i < columns.count; i++) {
    if (columns.opacityLogits[i]! < minOpacityLogit) {
      continue;
    }
    const px = columns.x[i]!, py = columns.y[i]!, pz = columns.z[i]!;
    const depth = m[8]! * px + m[9]! * py + m[10]! * pz + m[11]!;
    if (!(depth > 0.01)) {
      continue;
    }
    const u = ((camera.fx * (m[0]! * px + m[1]! * py + m[2]! * pz + m[3]!)) / depth + camera.cx) * scaleX;
    const v = ((camera.fy * (m[4]! * px + m[5]! * py + m[6]! * pz + m[7]!)) / depth + camera.cy) * scaleY;
    if (!(u > -largestDot && u < width + largestDot && v > -largestDot && v < height + largestDot)) {
      continue;
    }
    const size = (Math.exp((s0[i]! + s1[i]! + s2[i]!) / 3) * camera.fx * scaleX) / depth;
    const half = Math.max(smallestDot, Math.min(1.5 * size, largestDot));
    const left = Math.max(0, Math.round(u - half)), right = Math.min(width, Math.round(u + half));
    const top = Math.max(0, Math.round(v - half)), bottom = Math.min(height, Math.round(v + half));
    if (left >= right || top >= bottom || !isShown(i)) {
      continue;
    }
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const at = y * width + x;
        if (depth < depths[at]!) {
          depths[at] = depth;
          nearest[at] = i;
        }
      }
    }
  }
  return nearest;
}

/** Colours the dots; pixels without one stay transparent. */
export function paintDots(columns: SplatColumns, dots: Int32Array, width: number, height: number, colorOf: DotColor): ImageData {
  const image = new ImageData(width, height);
  const plain: [number, number, number] = [0, 0, 0];
  for (let at = 0; at < dots.length; at++) {
    const i = dots[at]!;
    if (i >= 0) {
      for (let c = 0; c < 3; c++) {
        plain[c] = Math.max(0, Math.min(255, 255 * (0.5 + degreeZero * columns.dc[c]![i]!)));
      }
      image.data.set(colorOf(i, plain), 4 * at);
    }
  }
  return image;
}
