/** A colour per cluster, the server's pictures' too (ClusterColors.cs): neighbours in the list are far apart on the colour circle. */

/** 360° over the golden ratio: no number of clusters brings two hues together. */
const hueStep = 137.50776405003785;

/** Blue for the largest: what is selected is orange. */
const firstHue = 210;
const lightnesses = [0.58, 0.44, 0.7] as const;
const saturation = 0.75;

/** What belongs to no cluster, 0 to 1. */
const unassigned = 0.35;

/** How strongly clusters are coloured: the scene's own colours still show through. */
const strength = 0.7;

/** Label of what belongs to no cluster. */
export const noCluster = 0xffff;

/** @returns Red, green and blue, 0 to 255. */
export function clusterColor(id: number): [number, number, number] {
  if (id === noCluster) {
    return [255 * unassigned, 255 * unassigned, 255 * unassigned];
  }
  const hue = ((firstHue + id * hueStep) % 360) / 60;
  const lightness = lightnesses[id % lightnesses.length]!;
  const chroma = saturation * (1 - Math.abs(2 * lightness - 1));
  const channel = (offset: number) =>
    255 * (lightness + chroma * (Math.min(1, Math.max(0, Math.abs(((hue + offset) % 6) - 3) - 1)) - 0.5));
  return [channel(0), channel(4), channel(2)];
}

/** The same for the shader: `vec3 sagaClusterColor(vec3 own, uint label)`. */
export const clusterColorGlsl = /* glsl */ `
vec3 sagaClusterColor(vec3 own, uint label) {
  float hue = mod(${firstHue.toFixed(1)} + float(label) * ${hueStep.toFixed(9)}, 360.0) / 60.0;
  uint turn = label % 3u;
  float lightness = turn == 0u ? ${lightnesses[0].toFixed(2)} : turn == 1u ? ${lightnesses[1].toFixed(2)} : ${lightnesses[2].toFixed(2)};
  float chroma = ${saturation.toFixed(2)} * (1.0 - abs(2.0 * lightness - 1.0));
  vec3 turns = mod(hue + vec3(0.0, 4.0, 2.0), 6.0);
  vec3 color = lightness + chroma * (clamp(abs(turns - 3.0) - 1.0, 0.0, 1.0) - 0.5);
  return mix(own, label == ${noCluster}u ? vec3(${unassigned.toFixed(2)}) : color, ${strength.toFixed(2)});
}
`;
