import { useEffect, useRef } from 'preact/hooks';
import { compact } from '../shell/format';
import type { Pinhole } from '../viewer/pinhole';
import { drawPoints } from '../viewer/pointPicture';
import type { Candidate } from './calls';
import type { PromptPoint } from './similarity';
import type { Workspace } from './Workspace';

const width = 84;
const height = 56;

/** Thumbnails show this share of the picture's height around the point: enough to tell a part from the whole. */
const shownShare = 0.4;

/** The camera of a click, cut out around it in the thumbnail's shape. */
function around({ camera, x, y }: PromptPoint): Pinhole {
  const shown = { width: (camera.height * shownShare * width) / height, height: camera.height * shownShare };
  return { ...camera, ...shown, cx: camera.cx - x + shown.width / 2, cy: camera.cy - y + shown.height / 2 };
}

/** The granularities that the points may mean, as small pictures; one click chooses one. */
export function CandidateStrip({ workspace }: { workspace: Workspace }) {
  const { session } = workspace;
  const candidates = session.candidates.value;
  if (candidates.length === 0) {
    return null;
  }
  return (
    <div class="candidates" role="group" aria-label="Candidates, from part to whole">
      {candidates.map((candidate) => (
        <button key={candidate.scale} type="button" class="candidate" aria-pressed={session.state.value.scale === candidate.scale}
          aria-label={`${compact(candidate.selectedCount)} Gaussians at scale ${candidate.scale.toFixed(2)}, stability ${candidate.stability.toFixed(2)}`}
          title={`Scale ${candidate.scale.toFixed(2)} · stability ${candidate.stability.toFixed(2)}`}
          onClick={() => session.change('candidate', { scale: candidate.scale, threshold: session.state.value.threshold })}>
          <Thumbnail workspace={workspace} candidate={candidate} />
          <span>{compact(candidate.selectedCount)}</span>
        </button>
      ))}
    </div>
  );
}

function Thumbnail({ workspace, candidate }: { workspace: Workspace; candidate: Candidate }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const point = workspace.session.state.value.points.find((one) => one.positive);
  useEffect(() => {
    let isLeft = false;
    const columns = workspace.viewer.value?.columns;
    if (columns && point) {
      const threshold = workspace.session.state.peek().threshold;
      workspace.session.scoresAt(candidate.scale).then((scores) => {
        if (!isLeft && canvas.current) {
          const picture = drawPoints(columns, around(point), width, height, (i, [r, g, b]) =>
            scores[i]! >= threshold ? [0.4 * r + 153, 0.4 * g + 69, 0.4 * b, 255] : [0.4 * r, 0.4 * g, 0.4 * b, 255]);
          canvas.current.getContext('2d')!.putImageData(picture, 0, 0);
        }
      }, () => undefined); // The strip works without pictures; the slider's own request says what is wrong.
    }
    return () => { isLeft = true; };
  }, [candidate, point?.key, workspace.session.state.value.threshold]);
  return <canvas ref={canvas} width={width} height={height} aria-hidden="true" />;
}
