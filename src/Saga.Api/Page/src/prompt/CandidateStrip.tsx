import { useEffect, useMemo, useRef } from 'preact/hooks';
import { compact } from '../shell/format';
import type { Pinhole } from '../viewer/pinhole';
import type { SplatColumns } from '../viewer/columns';
import { nearestDots, paintDots } from '../viewer/pointPicture';
import type { Candidate } from './calls';
import { describe, isAt } from './ScaleMarks';
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
  const columns = workspace.viewer.value?.columns;
  const point = session.state.value.points.find((one) => one.positive);
  // All pictures show the same dots, coloured differently.
  const dots = useMemo(
    () => (columns && point && candidates.length > 0 ? nearestDots(columns, around(point), width, height) : null), [columns, point, candidates]);
  if (candidates.length === 0) {
    return null;
  }
  return (
    <div class="candidates" role="group" aria-label="Candidates, from part to whole">
      {candidates.map((candidate) => (
        <button key={candidate.scale} type="button" class="candidate" aria-pressed={isAt(candidate, session.scale.value)}
          aria-label={describe(candidate)} title={`Scale ${candidate.scale.toFixed(2)} · stability ${candidate.stability.toFixed(2)}`}
          onClick={() => session.change('candidate', { scale: candidate.scale })}>
          {columns && dots && <Thumbnail workspace={workspace} candidate={candidate} columns={columns} dots={dots} />}
          <span>{compact(candidate.selectedCount)}</span>
        </button>
      ))}
    </div>
  );
}

function Thumbnail({ workspace, candidate, columns, dots }: {
  workspace: Workspace; candidate: Candidate; columns: SplatColumns; dots: Int32Array;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { threshold } = workspace.session.state.value;
  useEffect(() => {
    let isLeft = false;
    workspace.session.scoresAt(candidate.scale).then((scores) => {
      if (!isLeft && canvas.current) {
        const picture = paintDots(columns, dots, width, height, (i, [r, g, b]) =>
          scores[i]! >= threshold ? [0.4 * r + 153, 0.4 * g + 69, 0.4 * b, 255] : [0.4 * r, 0.4 * g, 0.4 * b, 255]);
        canvas.current.getContext('2d')!.putImageData(picture, 0, 0);
      }
    }, () => undefined); // The strip works without pictures; the slider's own request says what is wrong.
    return () => { isLeft = true; };
  }, [candidate, dots, threshold]);
  return <canvas ref={canvas} width={width} height={height} aria-hidden="true" />;
}
