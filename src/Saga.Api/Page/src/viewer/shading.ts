import { clusterColorGlsl } from '../clusters/palette';
import type { Combine, Mode } from './Viewer';

/** What the shader calls the modes and the ways to combine; features are a picture of the server's, over plain colour. */
export const modeNumber: Record<Mode, number> = { colour: 0, highlight: 1, isolate: 2, hide: 3, heat: 4, depth: 5, features: 0, clusters: 6 };
export const combineNumber: Record<Combine, number> = { new: 0, add: 1, subtract: 2, intersect: 3 };

/** Streams of the shader, one texel per Gaussian: similarity, selected before the prompt, colour of its segment, cluster. */
export const streamNames = { score: 'sagaScore', base: 'sagaBase', paint: 'sagaPaint', cluster: 'sagaCluster' } as const;

/** The tint of what is selected, as the server's own pictures have it. */
export const tint = [1, 0.45, 0] as const;
export const tintStrength = 0.6;

/** What is not selected steps back so far while something is. */
const dimmed = '0.45';

/** Alpha bytes of the paint stream. */
export const painted = 128;
export const paintedHidden = 255;

/** What the shader takes for the cluster that stands out: its number, or one of these. */
export const noneStandsOut = -1;
export const noClusters = -2;

/**
 * Recolours Gaussians as they are copied for drawing: once after each change of the uniforms, not once a frame.
 * Threshold and way to combine are uniforms, so that moving a slider sends nothing to the graphics device.
 */
export const modifier = /* glsl */ `
uniform float sagaThreshold;
uniform int sagaMode;
uniform int sagaCombine;
uniform int sagaPrompted;
uniform int sagaAnyLit;
uniform vec3 sagaEye;
uniform vec3 sagaForward;
uniform vec2 sagaDepths;
uniform int sagaLitCluster;

void modifySplatCenter(inout vec3 center) {}
void modifySplatRotationScale(vec3 originalCenter, vec3 modifiedCenter, inout vec4 rotation, inout vec3 scale) {}

vec3 sagaRamp(float t) {
  vec3 low = mix(vec3(0.05, 0.03, 0.20), vec3(0.45, 0.10, 0.50), clamp(t * 3.0, 0.0, 1.0));
  vec3 mid = mix(low, vec3(0.95, 0.40, 0.20), clamp(t * 3.0 - 1.0, 0.0, 1.0));
  return mix(mid, vec3(1.0, 0.95, 0.55), clamp(t * 3.0 - 2.0, 0.0, 1.0));
}

${clusterColorGlsl}
void modifySplatColor(vec3 center, inout vec4 color) {
  float score = float(loadSagaScore().r);
  bool before = loadSagaBase().r > 0u;
  uvec4 paint = loadSagaPaint();
  bool match = sagaPrompted == 1 && score >= sagaThreshold;
  bool lit = before;
  if (sagaPrompted == 1) {
    if (sagaCombine == 0) lit = match;
    else if (sagaCombine == 1) lit = before || match;
    else if (sagaCombine == 2) lit = before && !match;
    else lit = before && match;
  }

  if (paint.a > 0u && sagaMode < 4) {
    color.rgb = mix(color.rgb, vec3(paint.rgb) / 255.0, 0.45);
  }
  if (sagaMode == 1 && sagaAnyLit == 1) {
    color.rgb = lit ? mix(color.rgb, vec3(${tint.map((value) => value.toFixed(3)).join(', ')}), ${tintStrength.toFixed(2)})
      : color.rgb * ${dimmed};
  } else if (sagaMode == 2 && !lit) {
    color.a = 0.0;
  } else if (sagaMode == 3 && lit) {
    color.a = 0.0;
  } else if (sagaMode == 4) {
    color.rgb = sagaRamp(sagaPrompted == 1 ? score / 255.0 : 0.0);
  } else if (sagaMode == 5) {
    float depth = dot(center - sagaEye, sagaForward);
    color.rgb = sagaRamp(1.0 - clamp((depth - sagaDepths.x) / (sagaDepths.y - sagaDepths.x), 0.0, 1.0));
  }
  if (sagaMode == 6 && sagaLitCluster > ${noClusters}) {
    uint label = loadSagaCluster().r;
    color.rgb = sagaClusterColor(color.rgb, label);
    if (lit) color.rgb = mix(color.rgb, vec3(${tint.map((value) => value.toFixed(3)).join(', ')}), ${tintStrength.toFixed(2)});
    if (sagaLitCluster >= 0 && int(label) != sagaLitCluster) color.rgb *= ${dimmed};
  }
  if (paint.a == ${paintedHidden}u && !lit) {
    color.a = 0.0;
  }
}
`;
