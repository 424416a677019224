import { compact } from '../shell/format';
import type { Candidate } from './calls';
import { sliderStep, type Session } from './Session';

/** Whether a scale lies in the candidate's range, as exactly as the slider can say it. */
export const isAt = ({ scaleFrom, scaleTo }: Candidate, scale: number): boolean =>
  scale >= scaleFrom - sliderStep / 2 && scale <= scaleTo + sliderStep / 2;

export const describe = ({ selectedCount, scale, scaleFrom, scaleTo, stability }: Candidate): string =>
  `${compact(selectedCount)} Gaussians at scale ${scale.toFixed(2)}, for scales ${scaleFrom.toFixed(2)} to ${scaleTo.toFixed(2)}, `
  + `stability ${stability.toFixed(2)}`;

/**
 * The slider's track, cut where the selection changes: within a piece it hardly does. A click goes to the scale that stands for the
 * piece; by keyboard the slider itself goes from piece to piece.
 */
export function ScaleMarks({ session }: { session: Session }) {
  const candidates = session.candidates.value;
  if (candidates.length === 0) {
    return null;
  }
  // Between two pieces nothing was tried: they meet in the middle.
  const ends = candidates.map(({ scaleTo }, i) => (i + 1 < candidates.length ? (scaleTo + candidates[i + 1]!.scaleFrom) / 2 : scaleTo));
  return (
    <div class="scale-marks" role="group" aria-label="Where the selection changes">
      {candidates.map((candidate, i) => {
        const begin = i === 0 ? candidate.scaleFrom : ends[i - 1]!;
        return (
          <button key={candidate.scale} type="button" tabIndex={-1} class="scale-mark" aria-pressed={isAt(candidate, session.scale.value)}
            style={{ left: `${100 * begin}%`, width: `${100 * (ends[i]! - begin)}%` }} aria-label={describe(candidate)}
            title={`${compact(candidate.selectedCount)} Gaussians from ${candidate.scaleFrom.toFixed(2)} to ${candidate.scaleTo.toFixed(2)}`}
            onClick={() => session.change('scale', { scale: candidate.scale })} />
        );
      })}
    </div>
  );
}
